import { BlockList, isIP } from "node:net";

/** An event pattern as EventBridge defines it; also the filter of an event source mapping. */
export type Pattern = { [field: string]: unknown };

/** Every field of the pattern must match; a list of values is an "or". Errors: a matcher that is not known here. */
export function matchesEvent(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === "$or") return (wanted as Pattern[]).some((alternative) => matchesEvent(alternative, event));
    const given = fieldOf(event, field);
    return Array.isArray(wanted) ? matchesAny(wanted, given) : matchesInside(wanted as Pattern, given);
  });
}

/** Of a list of objects one must match as a whole. */
function matchesInside(pattern: Pattern, given: unknown): boolean {
  return Array.isArray(given) ? given.some((item) => matchesEvent(pattern, item)) : matchesEvent(pattern, given);
}

function fieldOf(event: unknown, field: string): unknown {
  return typeof event === "object" && event !== null && Object.hasOwn(event, field) ? (event as Pattern)[field] : undefined;
}

/** A field that holds a list matches by any of its items. */
function matchesAny(matchers: unknown[], given: unknown): boolean {
  const values = Array.isArray(given) ? given : [given];
  return matchers.some((matcher) =>
    isExists(matcher) ? matcher.exists === isPresent(given) : values.some((value) => matchesOne(matcher, value)),
  );
}

const isExists = (matcher: unknown): matcher is { exists: boolean } => isObject(matcher) && "exists" in matcher;
/** `exists` speaks of leaves only: an object is no value. */
const isPresent = (given: unknown): boolean => given !== undefined && (!isObject(given) || Array.isArray(given));
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Errors: a matcher that is not known here, found before any event comes. */
export function refuseUnknownMatchers(pattern: Pattern): void {
  for (const [field, wanted] of Object.entries(pattern)) {
    if (!Array.isArray(wanted)) refuseUnknownMatchers(wanted as Pattern);
    else if (field === "$or") for (const alternative of wanted) refuseUnknownMatchers(alternative as Pattern);
    else for (const matcher of wanted) if (isObject(matcher) && !isExists(matcher)) known(matcher);
  }
}

function known(matcher: Record<string, unknown>): Match {
  const match = matchers[Object.keys(matcher)[0] ?? ""];
  if (match !== undefined) return match;
  throw new Error(`The event pattern matcher ${JSON.stringify(matcher)} is not known to the local runtime (local/aws/events/pattern.ts)`);
}

function matchesOne(matcher: unknown, value: unknown): boolean {
  if (value === undefined) return false;
  return isObject(matcher) ? known(matcher)(Object.values(matcher)[0], value) : matcher === value;
}

type Match = (argument: unknown, value: unknown) => boolean;

const onText =
  (match: (argument: string, value: string) => boolean): Match =>
  (argument, value) => {
    if (typeof value !== "string") return false;
    // {"prefix": {"equals-ignore-case": "x"}} and the same for suffix.
    if (isObject(argument)) return match(String(argument["equals-ignore-case"]).toLowerCase(), value.toLowerCase());
    return match(String(argument), value);
  };

const matchers: Record<string, Match> = {
  prefix: onText((argument, value) => value.startsWith(argument)),
  suffix: onText((argument, value) => value.endsWith(argument)),
  "equals-ignore-case": (argument, value) => typeof value === "string" && value.toLowerCase() === String(argument).toLowerCase(),
  wildcard: onText((argument, value) => wildcard(argument).test(value)),
  "anything-but": (argument, value) => !anyOf(argument, value),
  numeric: (argument, value) => typeof value === "number" && numeric(argument as (string | number)[], value),
  cidr: onText(inRange),
};

/** What `anything-but` excludes: a value, a list of values, or a prefix, suffix, wildcard or caseless word (or a list of them). */
function anyOf(excluded: unknown, value: unknown): boolean {
  if (Array.isArray(excluded)) return excluded.includes(value);
  if (!isObject(excluded)) return excluded === value;
  const [kind = "", argument] = Object.entries(excluded)[0] ?? [];
  return [argument].flat().some((one) => matchesOne({ [kind]: one }, value));
}

/** `*` is any characters; a backslash takes its meaning from it. */
function wildcard(pattern: string): RegExp {
  const source = [...pattern.matchAll(/\\(.)|([^\\])/gs)].map(([, escaped, plain]) =>
    plain === "*" ? ".*" : escapeExpression(escaped ?? plain ?? ""),
  );
  return new RegExp(`^${source.join("")}$`, "s");
}

const escapeExpression = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

const comparisons: Record<string, (value: number, limit: number) => boolean> = {
  "=": (value, limit) => value === limit,
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
};

function numeric(conditions: (string | number)[], value: number): boolean {
  for (let index = 0; index < conditions.length; index += 2) {
    const compare = comparisons[String(conditions[index])];
    if (compare === undefined) throw new Error(`The numeric comparison ${conditions[index]} is not known`);
    if (!compare(value, Number(conditions[index + 1]))) return false;
  }
  return true;
}

function inRange(range: string, address: string): boolean {
  const [network = "", length = ""] = range.split("/");
  const version = isIP(address);
  if (version === 0 || version !== isIP(network)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(length), version === 6 ? "ipv6" : "ipv4");
  return list.check(address, version === 6 ? "ipv6" : "ipv4");
}
