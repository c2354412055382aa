import { groupName, modelName } from "../../contract/grammars.ts";

/** The group and model that a report names which is wrong in something else: whose people may look at it. */
export function namedIn(detail: unknown): { group?: string; name?: string } {
  const model = (detail as { model?: { group?: unknown; name?: unknown } | null } | null | undefined)?.model;
  const group = groupName.safeParse(model?.group);
  const name = modelName.safeParse(model?.name);
  return { ...(group.success && { group: group.data }), ...(group.success && name.success && { name: name.data }) };
}
