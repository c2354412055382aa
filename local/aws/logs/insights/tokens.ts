import { malformed } from "./malformed.ts";

export interface Token {
  kind: "name" | "quoted name" | "text" | "number" | "period" | "pattern" | "sign" | "end";
  /** Of a name or text, without what it stands between. */
  text: string;
  /** Where it stands in the query. */
  from: number;
  until: number;
}

const blank = /(?:\s|#[^\n]*)*/y;
/** Names are divided by dots; a part with other characters stands in backquotes. */
const part = "(?:[A-Za-z_@][\\w@]*|@?`[^`]+`)";
const forms: [Token["kind"], RegExp][] = [
  ["text", /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y],
  ["period", /\d+[A-Za-z]+(?!\w)/y],
  ["number", /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ["name", new RegExp(`${part}(?:\\.(?:\\w+|\`[^\`]+\`))*`, "y")],
  ["sign", /!=|<=|>=|=~|[=<>+\-*/^%()[\],|]/y],
];
const pattern = /\/(?:[^/\\]|\\[\s\S])*\//y;

/** Errors: MalformedQueryException. */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at = endOf(blank, query, at) ?? at;
    if (at === query.length) return [...tokens, { kind: "end", text: "the end of the query", from: at, until: at }];
    const token = tokenAt(query, at, tokens.at(-1));
    tokens.push(token);
    at = token.until;
  }
}

function tokenAt(query: string, at: number, before: Token | undefined): Token {
  // A slash divides, but where something to compare with has to come.
  const expectsPattern = before !== undefined && /^(?:like|=~)$/i.test(before.text) && before.kind !== "text";
  const all: typeof forms = expectsPattern ? [["pattern", pattern], ...forms] : forms;
  for (const [kind, form] of all) {
    const until = endOf(form, query, at);
    if (until !== undefined) return tokenOf(kind, query.slice(at, until), at, until);
  }
  throw malformed(query.slice(at, at + 40), "nothing begins so");
}

function tokenOf(kind: Token["kind"], whole: string, from: number, until: number): Token {
  if (kind === "text") return { kind, text: whole.slice(1, -1).replaceAll(/\\([\s\S])/g, "$1"), from, until };
  if (kind === "pattern") return { kind, text: whole.slice(1, -1), from, until };
  // What stands in backquotes is a field, and never a word of the language.
  if (kind === "name" && whole.includes("`")) return { kind: "quoted name", text: whole.replaceAll("`", ""), from, until };
  return { kind, text: whole, from, until };
}

function endOf(form: RegExp, query: string, at: number): number | undefined {
  form.lastIndex = at;
  return form.test(query) ? form.lastIndex : undefined;
}
