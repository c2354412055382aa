import type { Application } from "../../local/template/application.ts";
import { TemplateStack } from "../../local/template/stack.ts";

/** A stack `App` of these resources, as the local runtime reads it; `assets` by object key. */
export function templateOf(
  resources: Record<string, object>,
  { origin = "http://127.0.0.1:1", assets = {} as Record<string, string> } = {},
): Application {
  const stack = new TemplateStack("App", { Resources: resources as never }, { origin, exported: new Map() });
  stack.refuseUnknownTypes();
  const all = stack.resources();
  return {
    ...{ stacks: [], resources: all, outputs: {} },
    ofType: (type) => all.filter((resource) => resource.type === type),
    asset: (key) => assets[key] ?? key,
  };
}
