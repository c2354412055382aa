import { escapeXml } from "../render.ts";
import type { AwsAnswer } from "../service.ts";

/** Fields of an answer by name, in order; a list is its element several times, undefined is left out. */
export interface Fields {
  [name: string]: string | number | boolean | undefined | Fields | Fields[];
}

/** `content`: between the root's tags where that is not fields. */
export function xmlAnswer(root: string, fields: Fields, content?: string): AwsAnswer {
  const inside = (content === undefined ? "" : xmlText(content)) + xml(fields);
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}</${root}>`,
  };
}

const xml = (fields: Fields): string =>
  Object.entries(fields)
    .flatMap(([name, value]) => (Array.isArray(value) ? value.map((each) => [name, each] as const) : [[name, value] as const]))
    .map(([name, value]) => (value === undefined ? "" : `<${name}>${typeof value === "object" ? xml(value) : xmlText(value)}</${name}>`))
    .join("");

/** A reader of XML takes a carriage return for a line's end, and refuses other control characters unless they are named. */
const xmlText = (value: string | number | boolean): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys may have them
  escapeXml(String(value)).replaceAll(/[\0-\x08\x0b-\x1f]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Texts of the elements of this name, wherever they are. */
export const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([^]*?)</${name}>`, "g"))].map(([, text]) => text ?? "");

/** Text of the first element of this name, with all of its spaces. */
export const element = (xml: string, name: string): string | undefined => {
  const [found] = elements(xml, name);
  return found === undefined ? undefined : unescapeXml(found);
};

const named: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

const unescapeXml = (text: string): string =>
  text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(lt|gt|quot|apos|amp));/gi, (_all, hex, decimal, name) =>
    name === undefined
      ? String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
      : (named[name.toLowerCase()] ?? ""),
  );
