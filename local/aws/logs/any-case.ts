/** How SQLite is asked for a text in any case: it tells upper from lower case beyond ASCII. */
export interface Condition {
  sql: string;
  values: string[];
}

export function holds(column: string, text: string): Condition {
  if (!hasCaseBeyondAscii(text)) return { sql: `${column} LIKE ? ESCAPE '\\'`, values: [`%${text.replaceAll(/[\\%_]/g, "\\$&")}%`] };
  // SQLite looks for a first character that is no class much faster: one pattern for each of its cases.
  const [first = "", ...rest] = text;
  const values = variantsOf(first).map((variant) => `*${literal(variant)}${rest.map(inAnyCase).join("")}*`);
  return { sql: `(${values.map(() => `${column} GLOB ?`).join(" OR ")})`, values };
}

const hasCaseBeyondAscii = (text: string): boolean => [...text].some((character) => character > "\x7f" && variantsOf(character).length > 1);

function inAnyCase(character: string): string {
  const variants = variantsOf(character);
  return variants.length > 1 ? `[${variants.join("")}]` : literal(character);
}

/** In a class nothing means more than itself, but for what closes or negates it. */
const literal = (character: string): string => ("*?[".includes(character) ? `[${character}]` : character);

/** As a regular expression has it that does not tell cases apart: what has the same upper case, in one unit of UTF-16. */
function variantsOf(character: string): string[] {
  return character.length === 1 ? (byUpperCase().get(upperCase(character)) ?? [character]) : [character];
}

let known: Map<string, string[]> | undefined;
function byUpperCase(): Map<string, string[]> {
  known ??= Map.groupBy(
    Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter((character) => character.isWellFormed()),
    upperCase,
  );
  return known;
}

/** Nothing beyond ASCII is the same as something in it. */
function upperCase(character: string): string {
  const upper = character.toUpperCase();
  return upper.length !== 1 || (character > "\x7f" && upper <= "\x7f") ? character : upper;
}
