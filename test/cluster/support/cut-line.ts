import { type AddressInfo, createServer, connect as open, type Socket } from "node:net";

/** A line to the API server that can be cut, as when the server is killed, and mended. */
export async function cutLine(endpoint: string): Promise<{ endpoint: string; cut(): void; mend(): void; stop(): void }> {
  const { hostname, port } = new URL(endpoint);
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (isCut) return near.destroy();
    const far = open(Number(port || 443), hostname.replace(/^\[|\]$/g, ""));
    keep(far);
    near.pipe(far).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true;
      destroyAll();
    },
    mend: () => {
      isCut = false;
    },
    stop: () => {
      server.close();
      destroyAll();
    },
  };
}
