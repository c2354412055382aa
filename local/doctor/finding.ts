/** What the doctor has looked at. `broken`: Slipway cannot work so; `lacking`: something of it cannot; `unknown`: it could not be asked. */
export interface Finding {
  check: string;
  outcome: "fine" | "broken" | "lacking" | "unknown";
  /** What was found. */
  given: string;
  /** How to get what is missing; absent where nothing is. */
  do?: string;
}

export const fine = (check: string, given: string): Finding => ({ check, outcome: "fine", given });
export const broken = (check: string, given: string, what: string): Finding => ({ check, outcome: "broken", given, do: what });
export const lacking = (check: string, given: string, what: string): Finding => ({ check, outcome: "lacking", given, do: what });
export const unknown = (check: string, given: string, what: string): Finding => ({ check, outcome: "unknown", given, do: what });

/** Why `fetch` got no answer: its own message says only that it failed. */
export const whyNot = (error: unknown): string => ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;

const marks = { fine: "ok     ", broken: "BROKEN ", lacking: "lacking", unknown: "unknown" } as const;

/** For a terminal: one line each, and what to do below it. */
export function inWords(findings: Finding[]): string {
  return findings
    .map(({ check, outcome, given, do: todo }) => `${marks[outcome]}  ${check}: ${given}${todo ? `\n         do: ${todo}` : ""}`)
    .join("\n");
}
