/**
 * Node's own HTTP clients and what they stand on, asked for and not imported: as modules they get every name that they export, and with it
 * `fetch` and WebSocket, which no function uses. That was 25 ms of every cold start.
 */
export const https = process.getBuiltinModule("node:https");
export const tls = process.getBuiltinModule("node:tls");

/** For a laptop only: whatever a deployed function speaks to speaks TLS. */
export const plainHttp = () => process.getBuiltinModule("node:http");
