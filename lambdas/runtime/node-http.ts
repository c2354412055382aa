/**
 * Node's own HTTP clients, asked for and not imported: as modules they get every name that they export, and with it
 * `fetch` and WebSocket, which no function uses. That was 25 ms of every cold start.
 */
export const https = process.getBuiltinModule("node:https");

/** For a laptop only: whatever a deployed function speaks to speaks TLS. */
export const plainHttp = () => process.getBuiltinModule("node:http");
