import { isDeepStrictEqual } from "node:util";
import type { Condition } from "../../domain/condition.ts";
import { stageDone } from "../../domain/observation.ts";
import type { Instance, Observed, ObservedComponent, ObservedSlot } from "../../domain/observed.ts";
import { type Spoken, saidOf, spokenOf } from "../../domain/slot-words.ts";
import { type Component, type ConditionType, components, type SlotName, slotNames } from "../../domain/words.ts";
import { fieldsOf, type Item, toItem, withoutNulls } from "./dynamodb-items.ts";
import { keys } from "./dynamodb-keys.ts";
import { toInstant, toNumber } from "./instants.ts";
import { resourcesIn, resourcesText } from "./resources-text.ts";

/**
 * OBSERVED is written whenever something changes, and two slots are to stay within a kilobyte: nothing is said twice, and
 * what is nothing, or of all instances of a slot, is absent.
 */
export function observedItem(uid: string, { observed_at, condition, passed, transitions, slots, ...same }: Observed): Item {
  const newest = transitions[0];
  return toItem(keys.observed(uid), "OBSERVED", {
    ...same,
    observed_at: time(observed_at),
    transitions: transitions.map(conditionItem),
    ...(!isDeepStrictEqual(condition, newest ?? null) && { condition: condition && conditionItem(condition) }),
    passed: Object.fromEntries(Object.entries(passed).map(([type, at]) => [type, time(at)])),
    slots: withoutNulls(Object.fromEntries(slotNames.map((name) => [name, slots[name] && slotItem(slots[name], condition)]))),
  });
}

export function observedOf(item: Item): Observed {
  const { epoch, observed_at, version, passed, transitions, earlier, slots, ...rest } = fieldsOf<Item>(item);
  const known = (transitions as Item[]).map(conditionOf);
  const condition = "condition" in rest ? rest.condition && conditionOf(rest.condition as Item) : (known[0] ?? null);
  const slotIn = (name: SlotName) => {
    const slot = (slots as Record<SlotName, Item | undefined>)[name];
    return slot ? slotOf(slot, name, condition as Condition | null) : null;
  };
  return {
    ...({ epoch, observed_at: instant(observed_at), version, condition } as Pick<
      Observed,
      "epoch" | "observed_at" | "version" | "condition"
    >),
    passed: Object.fromEntries(Object.entries(passed as Item).map(([type, at]) => [type, instant(at)])),
    transitions: known,
    earlier: earlier as number,
    slots: { blue: slotIn("blue"), green: slotIn("green") },
  };
}

/** A stage that is done has the same words everywhere, and some things are said of every slot. */
function conditionItem({ at, ...said }: Condition): Item {
  const isPlain = said.status === "True" && isDeepStrictEqual(stageDone(said.type, at), { ...said, at });
  const spoken = spokenOf({ ...said, at });
  const words = spoken ? { said: said.reason, ...spoken } : said;
  return { ...(isPlain ? { type: said.type } : words), at: time(at) };
}

function conditionOf({ at, ...said }: Item): Condition {
  const when = instant(at);
  if ("said" in said) return saidOf(said.said as Parameters<typeof saidOf>[0], said as unknown as Spoken, when);
  return "status" in said ? ({ ...said, at: when } as Condition) : (stageDone(said.type as ConditionType, when) as Condition);
}

function slotItem(slot: ObservedSlot, current: Condition | null): Item {
  const { components: seen, condition, unready_since, unreachable, missed, ...same } = slot;
  return {
    ...same,
    ...withoutNulls(Object.fromEntries(components.map((name) => [name, seen[name] && componentItem(seen[name])]))),
    ...(!isDeepStrictEqual(condition, current) && { condition: conditionItem(condition) }),
    ...(unreachable && { unreachable }),
    ...(missed && { missed: { ...missed, at: time(missed.at) } }),
    ...(unready_since && { unready_since: time(unready_since) }),
  };
}

/** In the order in which an observation has them: what is the same reads the same. */
function slotOf(
  { revision, epoch, condition, unready_since, unseen, unreachable = false, missed, drift, ...seen }: Item,
  slot: SlotName,
  current: Condition | null,
) {
  const componentIn = (name: Component) => {
    const found = seen[name] as Item | undefined;
    return found ? componentOf(found, { component: name, slot, revision: revision as number }) : null;
  };
  return {
    ...{ revision, epoch, components: { predictor: componentIn("predictor"), transformer: componentIn("transformer") } },
    condition: condition ? conditionOf(condition as Item) : current,
    ...(unseen !== undefined && { unseen }),
    unreachable,
    ...(missed !== undefined && { missed: { ...(missed as Item), at: instant((missed as Item).at) } }),
    ...(drift !== undefined && { drift }),
    unready_since: unready_since === undefined ? null : instant(unready_since),
  } as ObservedSlot;
}

/** Instances of one slot have the same resources: they are said once, and again only of one that differs. */
function componentItem({ instances, ...counts }: ObservedComponent): Item {
  const textOf = (amounts: Instance["resources"]) => amounts && resourcesText(amounts);
  const resources = textOf(instances[0]?.resources ?? null);
  return {
    ...counts,
    ...withoutNulls({ resources }),
    instances: instances.map(({ component: _, slot: __, revision: ___, phase, started_at, ready, restarts, resources: own, ...same }) => ({
      ...withoutNulls({ ...same, started_at: started_at && time(started_at) }),
      ...(textOf(own) !== resources && { resources: textOf(own) }),
      ...(!(ready && phase === "Running") && { phase }),
      ...(ready && { ready }),
      ...(restarts > 0 && { restarts }),
    })),
  };
}

function componentOf(
  { instances, resources: common = null, ...counts }: Item,
  where: Pick<Instance, "component" | "slot" | "revision">,
): ObservedComponent {
  const all = (instances as Item[]).map(
    ({ name, phase = "Running", ready = false, restarts = 0, node = null, started_at, resources = common, last_termination = null }) => ({
      ...{ name, ...where, phase, ready, restarts, node },
      started_at: started_at === undefined ? null : instant(started_at),
      resources: resources === null ? null : resourcesIn(resources as string),
      last_termination,
    }),
  );
  const { desired, ready } = counts;
  return { desired, ready, instances: all } as ObservedComponent;
}

/** What the cluster says has no milliseconds: it stays the text that it is. */
const time = (text: string): number | string => (toInstant(toNumber(text)) === text ? toNumber(text) : text);
const instant = (kept: unknown): string => (typeof kept === "number" ? toInstant(kept) : (kept as string));
