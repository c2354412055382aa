import type { ContainerStatus, Termination } from "./facts.ts";

/** How a container ended last: just now, or before its newest start. */
export function terminationOf({ state, lastState }: ContainerStatus): Termination | undefined {
  return state?.terminated ?? lastState?.terminated;
}

const signals: Readonly<Record<number, string>> = { 6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV", 15: "SIGTERM" };

/** The signal that ended it: named by the runtime, or told by the exit code (128 + signal). null when it ended by itself. */
export function signalOf({ signal, exitCode }: Termination): number | null {
  if (signal) return signal;
  return exitCode > 128 && exitCode < 160 ? exitCode - 128 : null;
}

export const signalName = (signal: number | null): string | undefined => (signal === null ? undefined : signals[signal]);

export function exitWords(termination: Termination): string {
  const name = signalName(signalOf(termination));
  return `exit code ${termination.exitCode}${name ? ` (${name})` : ""}`;
}
