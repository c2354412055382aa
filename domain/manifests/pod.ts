import type { InstanceType } from "../catalogue/instance-types.ts";
import type { Server } from "../catalogue/servers.ts";
import { storageInitializer } from "../catalogue/storage-initializer.ts";
import { serverPortName, serviceAccount, storageInitializerContainer } from "../names.ts";
import type { Component } from "../words.ts";
import { copiesOf } from "./artifacts.ts";
import { environmentOf, literal } from "./environment.ts";
import { labelsOf, type Placement, selectorOf } from "./placement.ts";
import { reportedPlace, type ServedComponent } from "./server.ts";

/**
 * The pod of one component. It satisfies the pod security standard `restricted`, and everything that could widen it
 * (host access, privilege, capabilities, service account, volumes) is a constant of this page: input reaches only the
 * image, its pull secret, plain values and numbers.
 */
export function podTemplate(placement: Placement, component: Component, served: ServedComponent): object {
  const { server, specification } = served;
  const copies = copiesOf(served);
  const drain = drainOf(placement, component);
  return {
    metadata: { labels: labelsOf(placement, component) },
    spec: {
      serviceAccountName: serviceAccount,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: server.uid,
        runAsGroup: server.uid,
        fsGroup: server.uid,
        seccompProfile: { type: "RuntimeDefault" },
      },
      // The sleep before the stop signal is part of it, and what is in flight then still needs to finish.
      terminationGracePeriodSeconds: drain + secondsToFinish,
      topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: selectorOf(placement, component) },
      })),
      ...(served.size.gpu > 0 && { tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }] }),
      ...(specification.image_pull_secret && { imagePullSecrets: [{ name: specification.image_pull_secret }] }),
      ...(copies.length > 0 && { initContainers: [downloadContainer(copies)] }),
      containers: [serverContainer(placement, component, served, drain)],
      volumes: volumesOf(served),
    },
  };
}

const secondsToFinish = 30;
/** A transformer that leaves together with its predictor still asks it for what it has begun. */
const secondsForTransformer = 5;

function drainOf({ revision: { specification } }: Placement, component: Component): number {
  const drain = specification.rollout.drain_seconds;
  return drain > 0 && component === "predictor" && specification.transformer ? drain + secondsForTransformer : drain;
}

const unprivileged = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

type Copies = ReturnType<typeof copiesOf>;

function downloadContainer(copies: Copies): object {
  const { image, args, uid, home, requests, limits, ephemeralStorage } = storageInitializer;
  return {
    name: storageInitializerContainer,
    image,
    args: args(copies).map(literal),
    env: [{ name: "HOME", value: home }],
    resources: {
      requests: { ...requests, "ephemeral-storage": ephemeralStorage.request },
      limits: { ...limits, "ephemeral-storage": ephemeralStorage.limit },
    },
    securityContext: { ...unprivileged, runAsUser: uid, readOnlyRootFilesystem: true },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [...copies.map(({ volume, directory }) => ({ name: volume, mountPath: directory })), { name: "tmp", mountPath: "/tmp" }],
  };
}

function serverContainer(placement: Placement, component: Component, served: ServedComponent, drain: number): object {
  const { server, resolved, size } = served;
  const deadline = placement.revision.specification.rollout.deadline_seconds;
  return {
    name: component,
    image: server.image,
    ...(server.command && { command: [...server.command] }),
    args: server.args(resolved.model_name).map(literal),
    env: environmentOf(placement, component, served),
    ports: portsOf(served),
    resources: resourcesOf(size, server),
    securityContext: { ...unprivileged, runAsUser: server.uid, readOnlyRootFilesystem: served.readOnlyRootFilesystem },
    terminationMessagePolicy: "FallbackToLogsOnError",
    ...probesOf(server, resolved.model_name, deadline),
    // Endpoints and gateways learn of the end later than the pod does: it answers until they have.
    ...(drain > 0 && { lifecycle: { preStop: { sleep: { seconds: drain } } } }),
    volumeMounts: mountsOf(served),
  };
}

/** Every one on which it listens, its own first: that is the one where it serves. */
function portsOf(served: ServedComponent): object[] {
  const { port, grpcPort, metrics } = served.server;
  const telling = [reportedPlace(served)?.port, metrics?.port].find((each) => each !== undefined && each !== port);
  return [
    { name: serverPortName, containerPort: port },
    ...(telling === undefined ? [] : [{ name: "metrics", containerPort: telling }]),
    ...(grpcPort === null ? [] : [{ name: "grpc", containerPort: grpcPort }]),
  ];
}

function resourcesOf({ requests, limits, gpu }: InstanceType, { ephemeralStorage }: Server): object {
  return {
    requests: { ...requests, "ephemeral-storage": ephemeralStorage.request },
    limits: { ...limits, "ephemeral-storage": ephemeralStorage.limit, ...(gpu > 0 && { "nvidia.com/gpu": String(gpu) }) },
  };
}

/** A server may take until the operation's deadline to become live; from then on it is held to answering. */
function probesOf(server: Server, modelName: string, deadlineSeconds: number): object {
  const live = { path: server.livenessPath(modelName), port: serverPortName };
  const ready = { path: server.readinessPath(modelName), port: serverPortName };
  return {
    startupProbe: { httpGet: live, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: Math.max(1, deadlineSeconds) },
    readinessProbe: { httpGet: ready, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { httpGet: live, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
  };
}

function mountsOf(served: ServedComponent): object[] {
  const { server } = served;
  return [
    ...copiesOf(served).map(({ volume, directory }) => ({ name: volume, mountPath: directory, readOnly: true })),
    { name: "tmp", mountPath: "/tmp" },
    ...(server.sharedMemory ? [{ name: "shared-memory", mountPath: "/dev/shm" }] : []),
  ];
}

function volumesOf(served: ServedComponent): object[] {
  const { server } = served;
  const { limit } = server.ephemeralStorage;
  return [
    ...copiesOf(served).map(({ volume }) => ({ name: volume, emptyDir: { sizeLimit: limit } })),
    { name: "tmp", emptyDir: { sizeLimit: limit } },
    ...(server.sharedMemory ? [{ name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: server.sharedMemory } }] : []),
  ];
}
