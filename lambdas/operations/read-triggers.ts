import type { Trigger } from "../../domain/trigger.ts";
import type { Page, PageRequest } from "../ports/record.ts";
import type { TriggerStore } from "../ports/triggers.ts";
import type { Caller } from "./caller.ts";
import type { Reading } from "./installation.ts";
import { groupsAsked } from "./list-deployments.ts";

/** Those of the caller's groups; what names no known group is for a platform admin to see. */
export async function listTriggers(
  { record, triggers }: Reading & { triggers: TriggerStore },
  caller: Caller,
  group: string | undefined,
  page: PageRequest,
): Promise<Page<Trigger>> {
  const unknown = group === undefined && caller.platformAdmin;
  return triggers.triggers({ groups: await groupsAsked({ record }, caller, group), unknown }, page);
}
