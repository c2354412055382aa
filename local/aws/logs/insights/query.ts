import { AwsError } from "../../error.ts";

/** A query of CloudWatch Logs Insights, as far as the local service understands the language. */
export interface InsightsQuery {
  fields: string[];
  filters: Filter[];
  descending: boolean;
  limit: number;
}
export type Filter =
  | { kind: "equals"; field: string; value: string }
  | { kind: "like"; field: string; pattern: RegExp; literal: string }
  | { kind: "between"; from: number; until: number };

const defaultLimit = 10_000;

/**
 * The commands `fields`, `filter`, `sort` and `limit` in the forms that the product sends. Errors: MalformedQueryException
 * with the command that is not understood: a wrong answer would be worse than none.
 */
export function parseQuery(text: string): InsightsQuery {
  const query: InsightsQuery = { fields: ["@timestamp", "@message"], filters: [], descending: true, limit: defaultLimit };
  for (const command of commandsIn(text)) apply(query, command);
  return query;
}

/** Divided at the pipes that are in no string and no regular expression. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/(?:"(?:[^"\\]|\\.)*"|(?<=like )\/(?:[^/\\]|\\.)*\/|[^|"])+/g)]
    .map(([command]) => command.trim())
    .filter(Boolean);
}

function apply(query: InsightsQuery, command: string): void {
  const [word = ""] = command.split(/\s/, 1);
  const rest = command.slice(word.length).trim();
  if (word === "fields" && /^[@\w.]+(?:\s*,\s*[@\w.]+)*$/.test(rest)) query.fields = rest.split(/\s*,\s*/);
  else if (word === "filter") query.filters.push(filterOf(rest, command));
  else if (/^sort @timestamp (asc|desc)$/.test(command)) query.descending = rest.endsWith("desc");
  else if (/^limit \d{1,5}$/.test(command) && Number(rest) <= defaultLimit) query.limit = Number(rest);
  else throw malformed(command);
}

function filterOf(condition: string, command: string): Filter {
  const [, field, value] = /^([@\w.]+) = "((?:[^"\\]|\\.)*)"$/.exec(condition) ?? [];
  if (field !== undefined && value !== undefined) return { kind: "equals", field, value: value.replaceAll(/\\(.)/g, "$1") };
  const [, from, until] = /^toMillis\(@timestamp\) >= (\d{1,15}) and toMillis\(@timestamp\) <= (\d{1,15})$/.exec(condition) ?? [];
  if (from !== undefined && until !== undefined) return { kind: "between", from: Number(from), until: Number(until) };
  const [, likeField, source] = /^([@\w.]+) like \/((?:[^/\\]|\\.)*)\/$/.exec(condition) ?? [];
  if (likeField === undefined || source === undefined) throw malformed(command);
  return likeOf(likeField, source, command);
}

function likeOf(field: string, source: string, command: string): Filter {
  const [, insensitive, body = ""] = /^(\(\?i\))?(.*)$/s.exec(source) ?? [];
  try {
    const pattern = new RegExp(body, insensitive ? "i" : "");
    return { kind: "like", field, pattern, literal: literalIn(body) };
  } catch (error) {
    throw malformed(`${command}: ${(error as Error).message}`);
  }
}

/** What every match holds: the whole, where each of its characters stands for itself, or how it begins; empty where there may be nothing. */
function literalIn(source: string): string {
  // An escaped sign stands for itself, an escaped letter for a class or a place.
  if (/^(?:\\[^A-Za-z0-9]|[^\\^$.|?*+()[\]{}])*$/.test(source)) return source.replaceAll(/\\(.)/g, "$1");
  return /^\^([a-z0-9-]+)(?=-)/.exec(source)?.[1] ?? "";
}

const malformed = (command: string): AwsError =>
  new AwsError(
    "MalformedQueryException",
    `The local CloudWatch Logs Insights understands fields, filter (= "…", like /…/, a range of toMillis(@timestamp)), sort @timestamp and limit, and not: ${command}`,
  );
