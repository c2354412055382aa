import { cpus, loadavg, totalmem } from "node:os";

/** A measure beside the budget it has to keep. `value` and `limit` are in `unit`. */
export interface Measure {
  what: string;
  value: number;
  limit: number | null;
  unit: string;
  /** Spread, number of runs, what it consists of. */
  note?: string;
}

export function printMeasures(title: string, measures: Measure[]): void {
  const rows = measures.map(({ what, value, limit, unit, note = "" }) => [
    what,
    `${rounded(value)} ${unit}`,
    limit === null ? "–" : `${rounded(limit)} ${unit}`,
    limit === null ? "–" : (value / limit).toFixed(2),
    note,
  ]);
  printTable(title, ["what", "measured", "limit", "ratio", ""], rows);
}

/** As Markdown, so that it can go into docs/performance.md. */
export function printTable(title: string, head: string[], rows: string[][]): void {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: string[]) => `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  const lines = [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.map(line)];
  console.log(`\n${title}\n\n${lines.join("\n")}`);
}

/** What it was measured on, and how busy that was with other work. */
export function machine(): string {
  const processors = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return `${processors.length} cores (${processors[0]?.model.trim()}), ${memory} GiB, Node ${process.versions.node}, load ${load()}`;
}

/** Of the last minute. */
export const load = (): string => (loadavg()[0] ?? 0).toFixed(1);

export const rounded = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

export function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export const spread = (values: number[]): string =>
  `${rounded(Math.min(...values))}–${rounded(Math.max(...values))}, ${values.length} runs`;
