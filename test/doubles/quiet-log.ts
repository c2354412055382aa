import type { Log } from "../../lambdas/runtime/logger.ts";

/** A log that keeps its lines for the test instead of printing them. */
export function quietLog(): Log & { lines: { level: string; message: unknown; extra: unknown }[] } {
  const lines: { level: string; message: unknown; extra: unknown }[] = [];
  const keep =
    (level: string) =>
    (message: unknown, ...extra: unknown[]): void => {
      lines.push({ level, message, extra: extra[0] });
    };
  return {
    lines,
    debug: keep("debug"),
    info: keep("info"),
    warn: keep("warn"),
    error: keep("error"),
    appendKeys: keep("keys"),
    resetKeys: () => {},
  };
}
