import type { GatewayPlace } from "../../../domain/place.ts";
import { gatewayFigures, gatewayMetrics } from "../../../lambdas/adapters/gateway-metrics.ts";
import { maskSecrets } from "../../../lambdas/masking/mask-secrets.ts";
import type { Asking } from "../../../lambdas/operations/preflight.ts";
import type { Cluster } from "../../../lambdas/ports/cluster.ts";
import type { EvidenceStore } from "../../../lambdas/ports/evidence.ts";
import type { MaskQuestion } from "../../../lambdas/ports/masking.ts";
import { preflight } from "../../../lambdas/preflight/preflight.ts";
import { newUlid, systemClock } from "../../../lambdas/runtime/surroundings.ts";
import type { WatchPorts } from "../../../lambdas/sync/watch.ts";
import type { InvocationResult } from "../../../local/aws/service.ts";
import { systemClock as machineClock } from "../../../local/step-functions/clock.ts";
import type { Json } from "../../../local/step-functions/definition.ts";
import { MemorySecrets } from "../../doubles/memory-secrets.ts";
import { Executions } from "../../simulation/executions.ts";
import { functions } from "../../simulation/functions.ts";
import type { IdentityName } from "./cluster-info.ts";
import { TellingRecord } from "./telling-record.ts";

/** As lib/control-plane-stack.ts grants them. Functions that are not here never ask the cluster. */
const identityOf: Record<string, IdentityName> = {
  ...{ Prepare: "writer", ProvisionSlot: "writer", EnsureCapacity: "writer", RetireSlot: "writer" },
  ...{ AwaitReady: "reader", ProbeServer: "prober", SendSmokeTests: "prober", Bake: "judge" },
  ...{ ShiftTraffic: "mover", TakeRouteAway: "mover" },
  ...{ Watch: "judge", ReadLogs: "reader", Preflight: "preflight" },
};

/** By the name that the configuration gives it. */
export const testedCluster = "tested";

export interface ControlPlaneOptions {
  /** The cluster as one identity sees it. Asked each time that a function is run. */
  clusterOf(identity: IdentityName, functionName: string): Cluster;
  /** A function that was run has ended: it needs that cluster no more. */
  release?(functionName: string, cluster: Cluster): void;
  gateway: GatewayPlace;
}

/**
 * The product on the cluster under test: the shipped state machines on our interpreter in real time, the real steps, each
 * with its own function's identity. The record is in memory.
 */
export class ControlPlane {
  /** What the operations of the API work with. */
  readonly ports: Asking;
  readonly record: TellingRecord;
  /** What was kept as evidence. */
  readonly kept = new Map<string, unknown>();
  /** Called before a function is run. */
  before: (name: string) => void | Promise<void> = () => undefined;
  private readonly evidence: EvidenceStore = {
    put: async (uid, operationId, part, body) => {
      const key = `${uid}/${operationId}/${part}.json`;
      this.kept.set(key, structuredClone(body));
      return key;
    },
  };
  private readonly executions: Executions;
  private readonly secrets = new MemorySecrets();
  private readonly clusterOf: ControlPlaneOptions["clusterOf"];
  private readonly release: NonNullable<ControlPlaneOptions["release"]>;

  constructor({ clusterOf, release = () => undefined, gateway }: ControlPlaneOptions) {
    this.clusterOf = clusterOf;
    this.release = release;
    this.record = new TellingRecord(systemClock, this.secrets);
    this.executions = new Executions(machineClock, Math.random, (name, payload) => this.invoke(name, payload));
    this.ports = {
      ...{ record: this.record, workflows: this.executions, clock: systemClock, newId: newUlid, log: console },
      environments: { staging: { cluster: testedCluster, namespace_prefix: "slipway", gateway } },
      endpointBaseUrl: "https://slipway.example",
      askCluster: (question) => preflight(question, { clusters: this.clustersOf("Preflight"), after: systemClock.sleep }),
    };
  }

  /** What a run of Watch works with, which no workflow begins. */
  watching(): WatchPorts {
    const { record, evidence } = this;
    const clusters = this.clustersOf("Watch");
    const own = { newId: newUlid, watches: record.watches, startWatch: async () => {}, freshness: "always" as const };
    return { record, clusters, figures: gatewayFigures(clusters), evidence, clock: systemClock, log: console, ...own };
  }

  readonly maskSecrets = (question: MaskQuestion) => maskSecrets(question, this.secrets);

  /** The clusters as one function finds them. */
  clustersOf(name: string): () => Promise<Cluster> {
    const identity = identityOf[name];
    return async () => {
      if (!identity) throw new Error(`${name} has no access to the cluster`);
      return this.clusterOf(identity, name);
    };
  }

  /** Ends every wait, so that nothing of it goes on. */
  halt(): Promise<void> {
    return this.executions.halt();
  }

  private portsOf(clusters: () => Promise<Cluster>): object {
    const judging = { metrics: gatewayMetrics(clusters), alarms: { states: async () => ({}) } };
    const masking = { maskSecrets: this.maskSecrets };
    return { record: this.record, clusters, clock: systemClock, secrets: this.secrets, evidence: this.evidence, ...judging, ...masking };
  }

  /** As Lambda tells it to Step Functions. */
  private async invoke(name: string, payload: Json): Promise<InvocationResult> {
    const known = functions[name];
    if (!known) throw new Error(`there is no function ${name}`);
    const until = Date.now() + known.seconds * 1000;
    let given: Promise<Cluster> | undefined;
    const clusters = () => (given ??= this.clustersOf(name)());
    try {
      await this.before(name);
      const answer = await known.run(structuredClone(payload), this.portsOf(clusters), () => until - Date.now());
      return { payload: structuredClone(answer) as Json, function_error: null };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      return { payload: { errorType, errorMessage, trace: [] }, function_error: "Unhandled" };
    } finally {
      await given?.then((cluster) => this.release(name, cluster));
    }
  }
}
