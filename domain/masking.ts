/**
 * What programs print of their secrets by mistake, in the forms that can be told without knowing the secret: values beside
 * a telling name, and tokens that have a form of their own. Nobody who keeps evidence may read the secret values themselves.
 * Every repetition is bounded: a line of any length takes time in proportion to it.
 */

export const mask = "[masked]";
const tellingName = "[\\w.-]{0,64}(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)[\\w.-]{0,64}";

const forms: readonly { says: RegExp; masked: string }[] = [
  { says: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, masked: mask },
  // NAME=value, "name": "value", name: value
  {
    says: new RegExp(`(\\b${tellingName}["']?\\s*[=:]\\s*)("(?:[^"\\\\]|\\\\.){1,4096}"|'[^']{1,4096}'|[^\\s,;&"'}]{1,4096})`, "gi"),
    masked: `$1${mask}`,
  },
  { says: /\b(Bearer|Basic)\s+[A-Za-z0-9+/_.~=-]{8,}/g, masked: `$1 ${mask}` },
  { says: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, masked: mask },
  { says: /\beyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{0,2048}/g, masked: mask },
  { says: /\b(?:gh[a-z]_[A-Za-z0-9]{20,}|hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,}|xox[a-z]-[A-Za-z0-9-]{10,})/g, masked: mask },
  // scheme://user:password@host
  { says: /(\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s/:@]{0,256}:)[^\s/@]{1,256}@/gi, masked: `$1${mask}@` },
  { says: /([?&](?:X-Amz-(?:Signature|Security-Token)|sig)=)[^\s&"']+/gi, masked: `$1${mask}` },
];

export function masked(text: string): string {
  return forms.reduce((known, { says, masked: by }) => known.replace(says, by), text);
}

/** The same document with every text in it masked. */
export function maskedWhole<T>(document: T): T {
  if (typeof document === "string") return masked(document) as T;
  if (Array.isArray(document)) return document.map(maskedWhole) as T;
  if (document === null || typeof document !== "object") return document;
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, maskedWhole(value)])) as T;
}
