import { createServer } from "node:net";

/** Below the range from which the kernel takes ports of outgoing connections, so that nobody else gets one by chance. */
const firstPort = 20_000;
const lastPort = 32_000;
const mostAttempts = 200;

/** Addresses of pods (10.244.0.0/16), and the loopback ports that stand for their ports. */
export class PodNetwork {
  readonly #ports = new Map<string, Map<number, number>>();
  #next = 1;

  /** A new address; it stays with its pod until released. */
  allocate(): string {
    for (;;) {
      this.#next = (this.#next % 64_000) + 1;
      const address = `10.244.${Math.floor(this.#next / 250)}.${(this.#next % 250) + 2}`;
      if (this.#ports.has(address)) continue;
      this.#ports.set(address, new Map());
      return address;
    }
  }

  bind(address: string, port: number, loopbackPort: number): void {
    const ports = this.#ports.get(address) ?? new Map<number, number>();
    this.#ports.set(address, ports.set(port, loopbackPort));
  }

  release(address: string): void {
    this.#ports.delete(address);
  }

  loopbackPort(address: string, port: number): number | undefined {
    return this.#ports.get(address)?.get(port);
  }

  isTaken(loopbackPort: number): boolean {
    return [...this.#ports.values()].some((ports) => [...ports.values()].includes(loopbackPort));
  }

  /** A port that nobody listens on and that no other pod has been given. */
  async freePort(): Promise<number> {
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort));
      if (!this.isTaken(port) && (await isFree(port))) return port;
    }
    throw new Error(`no free port between ${firstPort} and ${lastPort}`);
  }
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
