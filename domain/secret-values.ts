import { mask } from "./masking.ts";

/** A part of a secret that is shorter than this says nothing: it would be found in anything. */
const tellingLength = 6;
/** A value that is shorter is masked where it stands alone. */
const wordLength = 4;

/**
 * A text without these values, in every form that a program is likely to write them in: as they are, in JSON, in a URL, and
 * in base64 or hexadecimal, also as a part of something longer. A value of several lines is masked line by line too.
 */
export function withoutValues(text: string, values: readonly string[]): string {
  const needles = [...new Set(values.filter((value) => value !== "").flatMap(formsOf))].sort((one, other) => other.length - one.length);
  return needles.reduce((rest, needle) => (needle.length < wordLength ? withoutWord(rest, needle) : rest.replaceAll(needle, mask)), text);
}

function formsOf(value: string): string[] {
  const bytes = new TextEncoder().encode(value);
  const hexadecimal = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const encoded = [...base64Of(bytes), hexadecimal, hexadecimal.toUpperCase()];
  const lines = value.split(/\r?\n/);
  return [
    ...[value, JSON.stringify(value).slice(1, -1), urlOf(value)],
    ...(lines.length > 1 ? lines.map((line) => line.trim()).filter((line) => line.length >= tellingLength) : []),
    ...encoded.filter((form) => form.length >= tellingLength),
  ];
}

/** A half of a character that has two is no text of a URL. */
function urlOf(value: string): string {
  return value.isWellFormed() ? encodeURIComponent(value) : value;
}

/** Of what precedes it in something longer depends how it is written: three ways, without the characters that its neighbours share. */
function base64Of(bytes: Uint8Array): string[] {
  const ways = [0, 1, 2].map((before) => {
    const text = btoa(String.fromCharCode(...new Uint8Array(before), ...bytes));
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  return ways.flatMap((way) => [way, way.replaceAll("+", "-").replaceAll("/", "_")]);
}

function withoutWord(text: string, word: string): string {
  const literal = word.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  return text.replaceAll(new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "gu"), mask);
}
