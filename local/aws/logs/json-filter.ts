import { AwsError } from "../error.ts";

/**
 * A filter pattern for JSON: comparisons of texts by `=`, with `*` for any characters, that all hold. Errors: whatever else
 * the language has.
 */
export function jsonFilter(pattern: string): (message: string) => boolean {
  const [, inner = ""] = /^\{(.*)\}$/s.exec(pattern) ?? [];
  const conditions = inner.split("&&").map((condition) => conditionOf(condition.trim(), pattern));
  return (message) => {
    const document = parse(message);
    return conditions.every(({ path, matches }) => {
      const value = path.reduce<unknown>((found, part) => (found as Record<string, unknown> | null | undefined)?.[part], document);
      return typeof value === "string" && matches.test(value);
    });
  };
}

function conditionOf(condition: string, pattern: string): { path: string[]; matches: RegExp } {
  const [, path, value] = /^\$\.([\w.]+) = "([^"]*)"$/.exec(condition) ?? [];
  if (path === undefined || value === undefined)
    throw new AwsError("InvalidParameterException", `The local CloudWatch Logs filters JSON by $.field = "text" and &&, not by ${pattern}`);
  const source = value
    .split("*")
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"))
    .join(".*");
  return { path: path.split("."), matches: new RegExp(`^${source}$`, "s") };
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
