import { mask } from "./masking.ts";

/** A part of a secret that is shorter than this says nothing: it would be found in anything. */
const tellingLength = 6;
/** A value that is shorter is masked where it stands alone. */
const wordLength = 4;
/** Nothing that cuts texts cuts them shorter: a node keeps 2,048 bytes of last words, which are at least so many characters. */
const shortestCut = 512;
/** Stands where one of ours has cut a text. */
const ellipsis = "…";

/**
 * A text without these values, in every form that a program is likely to write them in: as they are, in JSON, in a URL, and
 * in base64 or hexadecimal, also as a part of something longer. A value of several lines is masked line by line too, and
 * of one over which a text was cut, what is left of it.
 */
export const withoutValues = (text: string, values: readonly string[]): string => maskOf(values)(text);

/** The same for many texts. */
export function maskOf(values: readonly string[]): (text: string) => string {
  const needles = [...new Set(values.filter((value) => value !== "").flatMap(formsOf))].sort((one, other) => other.length - one.length);
  const words = needles.filter((needle) => needle.length < wordLength).map(wordPattern);
  const parts = needles.filter((needle) => needle.length >= wordLength);
  return (text) => {
    const whole = words.reduce(
      (rest, word) => rest.replaceAll(word, mask),
      parts.reduce((rest, part) => rest.replaceAll(part, mask), text),
    );
    return parts.reduce(withoutCut, whole);
  };
}

function formsOf(value: string): string[] {
  const bytes = new TextEncoder().encode(value);
  const hexadecimal = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const encoded = [...base64Of(bytes), hexadecimal, hexadecimal.toUpperCase()];
  const lines = value.split(/\r?\n/);
  return [
    ...[value, ...jsonOf(value), ...urlsOf(value)],
    ...(lines.length > 1 ? lines.map((line) => line.trim()).filter((line) => line.length >= tellingLength) : []),
    ...encoded.filter((form) => form.length >= tellingLength),
  ];
}

/**
 * Also as JSON in JSON in JSON. Some writers leave nothing but ASCII, some escape slashes; what prints a text in other quotes
 * escapes all but them.
 */
function jsonOf(value: string): string[] {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  const json = inJson(value);
  const nested = [inJson(json), inJson(inJson(json))];
  const forms = [json, ...nested, json.replaceAll("/", "\\/"), json.replaceAll('\\"', '"')];
  const ascii = (text: string) => text.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [...forms, ...forms.map(ascii)];
}

/** With and without escapes of the five characters that need none, and as forms write blanks. Half a character is no text of a URL. */
function urlsOf(value: string): string[] {
  if (!value.isWellFormed()) return [];
  const url = encodeURIComponent(value);
  const strict = url.replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [url, strict, url.replaceAll("%20", "+"), strict.replaceAll("%20", "+")];
  const path = url.replaceAll("%2F", "/");
  const lower = (text: string) => text.replaceAll(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase());
  return [...forms, path, ...forms.map(lower)];
}

/** Of what precedes it in something longer depends how it is written: three ways, without the characters that its neighbours share. */
function base64Of(bytes: Uint8Array): string[] {
  const ways = [0, 1, 2].map((before) => {
    const text = btoa(String.fromCharCode(...new Uint8Array(before), ...bytes));
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  return ways.flatMap((way) => [way, way.replaceAll("+", "-").replaceAll("/", "_")]);
}

function wordPattern(word: string): RegExp {
  const literal = word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "gu");
}

/** Where a text was cut, its last characters may be the first of a secret, and its first ones the last. */
function withoutCut(text: string, needle: string): string {
  if (needle.length <= tellingLength) return text;
  const pieces = text.split(ellipsis);
  const isWhole = text.length < shortestCut;
  if (isWhole && pieces.length === 1) return text;
  return pieces
    .map((piece, index) => {
      const begun = isWhole && index === pieces.length - 1 ? piece : withoutBeginning(piece, needle);
      return isWhole && index === 0 ? begun : withoutEnd(begun, needle);
    })
    .join(ellipsis);
}

/** Of the needle, at the end of the piece. */
function withoutBeginning(piece: string, needle: string): string {
  const telling = needle.slice(0, tellingLength);
  for (let at = piece.indexOf(telling, piece.length - needle.length); at >= 0; at = piece.indexOf(telling, at + 1))
    if (needle.startsWith(piece.slice(at))) return piece.slice(0, at) + mask;
  return piece;
}

/** Of the needle, at the beginning of the piece. */
function withoutEnd(piece: string, needle: string): string {
  const telling = needle.slice(-tellingLength);
  const head = piece.slice(0, needle.length);
  for (let at = head.lastIndexOf(telling); at >= 0; at = at === 0 ? -1 : head.lastIndexOf(telling, at - 1)) {
    const end = at + tellingLength;
    if (needle.endsWith(head.slice(0, end))) return mask + piece.slice(end);
  }
  return piece;
}
