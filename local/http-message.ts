import type { Socket } from "node:net";

/** Headers, and what of the body has come with them, leave in one write: it costs more than all else that is done to pass them on. */
export function together(socket: Socket | null): void {
  socket?.cork();
  setImmediate(() => socket?.uncork());
}

/** Callers whose connections may wait while the process does something else: what a burst has beyond them is dropped, and waits for seconds. */
export const backlog = 4096;
