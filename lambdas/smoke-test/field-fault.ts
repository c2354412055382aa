import { isDeepStrictEqual } from "node:util";
import type { FieldExpectation } from "../../domain/specification.ts";

/** Why a field of an answer is not as expected, for a person; undefined when it is. */
export function fieldFault(expectation: FieldExpectation, document: unknown): string | undefined {
  const found = valueAt(document, expectation.path);
  const broken = rulesOf(expectation).find(({ holds }) => !holds(found));
  return broken && `${expectation.path} is ${shown(found)}, expected ${broken.expected}`;
}

interface Rule {
  expected: string;
  holds(found: unknown): boolean;
}

function rulesOf(expectation: FieldExpectation): Rule[] {
  const { equals, type, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = expectation;
  const rules: Rule[] = [];
  if (Object.hasOwn(expectation, "equals")) rules.push({ expected: shown(equals), holds: (found) => isDeepStrictEqual(found, equals) });
  if (type !== undefined) rules.push({ expected: `a value of type ${type}`, holds: (found) => typesOf(found).includes(type) });
  if (Number.isFinite(min) || Number.isFinite(max)) {
    rules.push({ expected: rangeWords(min, max), holds: (found) => typeof found === "number" && found >= min && found <= max });
  }
  return rules.length > 0 ? rules : [{ expected: "any value", holds: (found) => found !== undefined }];
}

/** `outputs.0.data.0` → `document.outputs[0].data[0]`; undefined where the path leads nowhere. */
function valueAt(document: unknown, path: string): unknown {
  let here = document;
  for (const part of path.split(".")) {
    if (here === null || typeof here !== "object" || !Object.hasOwn(here, part)) return undefined;
    here = (here as Record<string, unknown>)[part];
  }
  return here;
}

/** JSON's own words; a whole number is an integer too. */
function typesOf(value: unknown): string[] {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  return Number.isInteger(value) ? ["number", "integer"] : [typeof value];
}

function rangeWords(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return `a number of at least ${min}`;
  return min === Number.NEGATIVE_INFINITY ? `a number of at most ${max}` : `a number from ${min} to ${max}`;
}

const longestShown = 200;

function shown(value: unknown): string {
  const text = value === undefined ? "absent" : JSON.stringify(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
