import type * as Catalogue from "../../../domain/catalogue/instance-types.ts";

/** More than any node has of one thing, and little of all else. */
export const coresType = "cores.1000";
export const memoryType = "memory.100Ti";

const small = { cpu: "1m", memory: "1Mi" };
const odd = { [coresType]: { ...small, cpu: "1000" }, [memoryType]: { ...small, memory: "100Ti" } };

/** The catalogue of an installation that has these as well. */
export function withOddTypes(own: typeof Catalogue): typeof Catalogue {
  const added = Object.entries(odd).map(([name, size]) => [name, { name, description: name, requests: size, limits: size, gpu: 0 }]);
  const instanceTypes = { ...own.instanceTypes, ...Object.fromEntries(added) };
  return {
    instanceTypes,
    instanceTypeNames: Object.keys(instanceTypes) as never,
    findInstanceType: (name) => (Object.hasOwn(instanceTypes, name) ? instanceTypes[name as keyof typeof instanceTypes] : undefined),
  };
}
