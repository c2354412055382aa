export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\s*\{(.*)\}\s*|\s+)(\S+)(?:\s+-?\d+)?\s*$/;
const label = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/gy;
const escapes: Record<string, string> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

/**
 * The samples of the named metrics in Prometheus' text format, version 0.0.4, in order; a timestamp is left out.
 * Errors: a line of one of them that is none, quoted.
 */
export function readSamples(text: string, names: string[]): Sample[] {
  const samples: Sample[] = [];
  for (const each of text.split("\n")) {
    // Most lines speak of something else: a gateway counts for every one of its services.
    if (names.some((name) => each.startsWith(name) && !/^[a-zA-Z0-9_:]/.test(each.slice(name.length)))) samples.push(readSample(each));
  }
  return samples;
}

function readSample(text: string): Sample {
  const [, name = "", labels, number = ""] = line.exec(text) ?? [];
  const value = readNumber(number);
  if (name === "" || value === undefined) throw unreadable(text);
  return { name, labels: labels === undefined ? {} : readLabels(labels, text), value };
}

function readLabels(labels: string, text: string): Record<string, string> {
  const found: Record<string, string> = {};
  label.lastIndex = 0;
  let end = 0;
  for (let match = label.exec(labels); match; match = label.exec(labels)) {
    end = label.lastIndex;
    found[match[1] as string] = (match[2] as string).replaceAll(/\\[\\"n]/g, (escaped) => escapes[escaped] as string);
  }
  if (labels.slice(end).trim() !== "") throw unreadable(text);
  return found;
}

/** As Go writes them: `NaN`, `+Inf`, `-Inf`, `1.5e+06`. */
function readNumber(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinite) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = Number(text);
  return text === "" || Number.isNaN(value) ? undefined : value;
}

const unreadable = (text: string): Error => new Error(`not a sample of Prometheus' text format: ${JSON.stringify(text.slice(0, 200))}`);
