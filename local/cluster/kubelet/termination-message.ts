import type { ContainerRun } from "./container-state.ts";

const mostLines = 80;
const mostBytes = 2048;

/** The end of the log, where the container asks for that (`FallbackToLogsOnError`); empty otherwise. */
export function terminationMessage(container: ContainerRun): string {
  if (container.spec.terminationMessagePolicy !== "FallbackToLogsOnError" || !container.log) return "";
  const text = Buffer.from(container.log.tail(mostLines));
  return text.subarray(Math.max(0, text.length - mostBytes)).toString();
}
