import { readArtifactAddress } from "./artifact-door.ts";
import { type KubeconfigContext, readKubeconfig } from "./file.ts";
import type { GivenGateway } from "./gateway.ts";
import type { KubeconfigOptions } from "./join.ts";

/** Options that only a cluster of one's own knows, as `parseArgs` takes them. */
export const kubeconfigOptions = {
  kubeconfig: { type: "string" },
  context: { type: "string" },
  yes: { type: "boolean" },
  "take-over": { type: "boolean" },
  "gateway-class": { type: "string" },
  "gateway-service": { type: "string" },
  "gateway-port": { type: "string" },
  "gateway-url": { type: "string" },
  "artifacts-at": { type: "string" },
} as const;

export const kubeconfigUsage =
  "--kubeconfig FILE [--context NAME --yes --take-over --gateway-class NAME --gateway-service NAME --gateway-port 80 --gateway-url URL --artifacts-at HOST:PORT]";

type Lag = Pick<GivenGateway, "settle_seconds" | "register_seconds">;
type Values = { [name in keyof typeof kubeconfigOptions]?: string | boolean };

/** undefined: the cluster is the local system's own. Errors: an option that goes with none of that, or cannot be used. */
export function readKubeconfigOptions(values: Values, lag: Lag): KubeconfigOptions | undefined {
  const text = (name: keyof Values) => values[name] as string | undefined;
  const file = text("kubeconfig");
  if (file === undefined) {
    const astray = Object.keys(kubeconfigOptions).find((name) => values[name as keyof Values] !== undefined);
    if (astray) throw new Error(`--${astray} is about a cluster of your own: name it with --kubeconfig FILE`);
    return undefined;
  }
  const gateway = {
    ...lag,
    class: text("gateway-class"),
    service: text("gateway-service"),
    port: readPort(text("gateway-port")),
    url: readUrl(text("gateway-url")),
  };
  const artifacts_at = values["artifacts-at"] === undefined ? undefined : readArtifactAddress(text("artifacts-at") ?? "");
  return { file, context: text("context"), yes: values.yes === true, take_over: values["take-over"] === true, gateway, artifacts_at };
}

/** Each cluster has a record of its own. */
export const dataFolderOf = ({ file, context }: KubeconfigOptions): string =>
  `.slipway/contexts/${folderName(readKubeconfig(file, context))}`;

const folderName = ({ name }: KubeconfigContext): string => name.replaceAll(/[^A-Za-z0-9_-]/g, "-").slice(0, 100);

function readPort(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const port = Number(given);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new Error(`--gateway-port must be a number from 1 to 65535, given ${given}`);
}

function readUrl(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const url = URL.parse(given);
  if (url && ["http:", "https:"].includes(url.protocol) && url.pathname === "/" && !url.search) return url.origin;
  throw new Error(`--gateway-url must be http://host[:port], given ${given}`);
}
