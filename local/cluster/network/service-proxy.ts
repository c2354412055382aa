import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Registry } from "../api/registry.ts";
import { type EndpointSlice, isHeadless, type Service } from "../objects/workloads.ts";
import type { PodNetwork } from "./pod-network.ts";

type Conditions = NonNullable<EndpointSlice["endpoints"]>[number]["conditions"];

interface ServicePlace {
  namespace: string;
  name: string;
  port: number;
}

/**
 * Stands for cluster DNS and kube-proxy: `name.namespace:port` of a Service becomes a loopback port whose connections
 * go to one of the endpoints that are ready when they are made, or else of those that still answer while they end. The name
 * of a headless Service is that of its pods: a connection is to the port that was asked for. A listener is opened when a container names its Service.
 */
export class ServiceProxy {
  readonly #registry: Registry;
  readonly #network: PodNetwork;
  readonly #listeners = new Map<string, { server: Server; port: number }>();
  readonly #sockets = new Set<Socket>();

  constructor(registry: Registry, network: PodNetwork) {
    this.#registry = registry;
    this.#network = network;
  }

  /** The text with each Service address in it replaced by the loopback address that stands for it. */
  async localize(text: string): Promise<string> {
    let result = text;
    for (const [address, name = "", namespace = "", port = "80"] of [...text.matchAll(serviceAddress)]) {
      if (!this.#registry.find("Namespace", undefined, namespace)) continue;
      result = result.replace(address, `127.0.0.1:${await this.#listen({ namespace, name, port: Number(port) })}`);
    }
    return result;
  }

  stop(): void {
    for (const { server } of this.#listeners.values()) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(place: ServicePlace): Promise<number> {
    const key = `${place.namespace}/${place.name}:${place.port}`;
    const known = this.#listeners.get(key);
    if (known) return known.port;
    const server = createServer((socket) => this.#forward(socket, place));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    this.#listeners.set(key, { server, port });
    return port;
  }

  #forward(socket: Socket, place: ServicePlace): void {
    const port = this.#endpointOf(place);
    // Without an endpoint a connection is refused; here it can only be closed.
    if (port === undefined) return void socket.destroy();
    const backend = connect({ host: "127.0.0.1", port });
    for (const [from, to] of [
      [socket, backend],
      [backend, socket],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  #endpointOf({ namespace, name, port }: ServicePlace): number | undefined {
    const service = this.#registry.find<Service>("Service", namespace, name);
    const named = service?.spec.ports?.find((each) => each.port === port)?.name ?? "";
    const slices = this.#registry
      .list<EndpointSlice>("EndpointSlice", namespace)
      .filter((slice) => slice.metadata.labels?.["kubernetes.io/service-name"] === name);
    const portsOf = (mayAnswer: (conditions: Conditions) => boolean) =>
      slices.flatMap((slice) => {
        const target = service && isHeadless(service) ? port : slice.ports?.find((each) => each.name === named)?.port;
        const endpoints = (slice.endpoints ?? []).filter(({ conditions }) => mayAnswer(conditions));
        return endpoints.flatMap(({ addresses }) => (target && this.#network.loopbackPort(addresses[0] as string, target)) || []);
      });
    const ready = portsOf((conditions) => conditions.ready !== false);
    const ports = ready.length > 0 ? ready : portsOf(({ serving, terminating }) => serving === true && terminating === true);
    return ports[Math.floor(Math.random() * ports.length)];
  }
}

/** `name.namespace`, with or without `.svc.cluster.local`, and a port; the port may be left out behind `http://`. */
const serviceAddress =
  /(?<![\w.-])(?:(?<=http:\/\/)|(?=[\w.-]+:\d))([a-z][a-z0-9-]*)\.([a-z0-9][a-z0-9-]*)(?:\.svc(?:\.cluster\.local)?)?(?![\w.-])(?::(\d+))?/g;
