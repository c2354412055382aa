import type { LabelSelector } from "./workloads.ts";

export type Labels = Record<string, string> | undefined;
export type LabelMatcher = (labels: Labels) => boolean;

/** `spec.selector` of a workload or `podSelector`. An empty selector matches everything. */
export function matcherOf(selector: LabelSelector): LabelMatcher {
  const wanted = Object.entries(selector.matchLabels ?? {});
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }) => requirement(key, operator, values ?? []));
  return (labels) => wanted.every(([key, value]) => labels?.[key] === value) && expressions.every((matches) => matches(labels));
}

/**
 * The `labelSelector` of a query: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, joined by commas.
 * Throws an Error whose message says what could not be read.
 */
export function parseLabelSelector(text: string): LabelMatcher {
  const terms = splitTerms(text).map(parseTerm);
  return (labels) => terms.every((matches) => matches(labels));
}

function splitTerms(text: string): string[] {
  return text
    .split(/,(?![^()]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== "");
}

function parseTerm(term: string): LabelMatcher {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(term);
  if (set)
    return requirement(
      set[1] as string,
      set[2] === "in" ? "In" : "NotIn",
      (set[3] as string).split(",").map((value) => value.trim()),
    );
  const equality = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(term);
  if (equality) return requirement(equality[1] as string, equality[2] === "!=" ? "NotIn" : "In", [equality[3] as string]);
  const existence = /^(!?)\s*([\w./-]+)$/.exec(term);
  if (existence) return requirement(existence[2] as string, existence[1] ? "DoesNotExist" : "Exists", []);
  throw new Error(`unable to parse requirement: "${term}"`);
}

function requirement(key: string, operator: string, values: string[]): LabelMatcher {
  if (operator === "In") return (labels) => labels?.[key] !== undefined && values.includes(labels[key]);
  if (operator === "NotIn") return (labels) => labels?.[key] === undefined || !values.includes(labels[key]);
  if (operator === "Exists") return (labels) => labels?.[key] !== undefined;
  if (operator === "DoesNotExist") return (labels) => labels?.[key] === undefined;
  throw new Error(`"${operator}" is not a valid label selector operator`);
}
