import { jsonFilter } from "./json-filter.ts";
import { invalid, regularExpression } from "./regular-expression.ts";

/**
 * A filter pattern: terms that a message holds (`word "a phrase"`), or one of which it holds (`?one ?other`), or that it does not
 * hold (`-word`); a regular expression (`%…%`); a selection of JSON (`{…}`). Errors: InvalidParameterException, for what is no
 * pattern, and for fields between spaces (`[…]`), which are not here.
 */
export function filterPattern(pattern: unknown): (message: string) => boolean {
  const text = String(pattern ?? "").trim();
  if (text.startsWith("{")) return jsonFilter(text);
  if (text.startsWith("[")) throw invalid(`The local CloudWatch Logs does not filter by fields between spaces: ${text}`);
  if (text.startsWith("%")) return regularFilter(text);
  const terms = termsOf(text);
  const wanted = terms.filter(({ sign }) => sign === "");
  const unwanted = terms.filter(({ sign }) => sign === "-");
  const optional = terms.filter(({ sign }) => sign === "?");
  // As documented: beside other terms, those with a question mark have no effect.
  if (wanted.length + unwanted.length === 0) return (message) => optional.length === 0 || optional.some(isIn(message));
  return (message) => wanted.every(isIn(message)) && !unwanted.some(isIn(message));
}

interface Term {
  sign: string;
  phrase: string;
}
const isIn =
  (message: string) =>
  ({ phrase }: Term): boolean =>
    message.includes(phrase);

function termsOf(text: string): Term[] {
  const found = [...text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"(?=\s|$)|(\S+))/gs)];
  return found.map(([whole, sign = "", quoted, word]) => {
    if (quoted !== undefined) return { sign, phrase: quoted.replaceAll(/\\(.)/gs, "$1") };
    if (word === undefined || !/^[\p{L}\p{N}_]+$/u.test(word))
      throw invalid(`Invalid character(s) in term '${whole}': put what is more than letters, digits and _ into double quotation marks`);
    return { sign, phrase: word };
  });
}

function regularFilter(text: string): (message: string) => boolean {
  const [, source] = /^%(.+)%$/s.exec(text) ?? [];
  if (source === undefined) throw invalid(`Invalid filter pattern: a regular expression stands between two %, given ${text}`);
  const expression = regularExpression(source);
  return (message) => expression.test(message);
}
