import { type AddressInfo, createServer, connect as open, type Socket } from "node:net";

export interface Line {
  endpoint: string;
  cut(): void;
  /** Cuts itself when it is opened once more than so many times from now on. */
  cutAfter(openings: number): void;
  /** Until somebody has found it cut so many times. */
  untilMissed(times: number): Promise<void>;
  mend(): void;
  stop(): void;
}

/** A line to the API server that can be cut, as when the server is killed, and mended. */
export async function cutLine(endpoint: string): Promise<Line> {
  const { hostname, port } = new URL(endpoint);
  const sockets = new Set<Socket>();
  let isCut = false;
  let openings = Number.POSITIVE_INFINITY;
  let missed = 0;
  let wake: (() => void) | undefined;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    openings -= 1;
    if (openings < 0) cut();
    if (isCut) {
      missed += 1;
      wake?.();
      return near.destroy();
    }
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
  const cut = () => {
    isCut = true;
    destroyAll();
  };
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    cutAfter: (count) => {
      openings = count;
    },
    untilMissed: async (times) => {
      while (missed < times) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    mend: () => {
      [isCut, openings, missed] = [false, Number.POSITIVE_INFINITY, 0];
    },
    stop: () => {
      server.close();
      destroyAll();
    },
  };
}
