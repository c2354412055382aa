import type { Scene } from "../target.ts";
import type { Any } from "./api-client.ts";
import { absentImage, configMap, container, deployment, pod, quota, secret, task } from "./objects.ts";
import type { Story } from "./story.ts";

export interface Cause {
  /** Also the name of the file in `recorded/`. */
  name: string;
  objects: (here: Scene) => [path: string, object: Any][];
  /** What must have been seen before the story is over. */
  shows: { container?: string; event?: string; pod?: string; phase?: string; deployment?: string };
}

/** Long enough to be seen running by a kubelet that looks once a second. */
const seenRunning = { name: "LASTING", value: "4000" };
const lasting = { env: [seenRunning], terminationMessagePolicy: "FallbackToLogsOnError" };
const ends = (...args: string[]) => ({ ...lasting, readinessProbe: undefined, args });
const init = (...args: string[]) => ({ initContainers: [task("storage-initializer", args, lasting)] });
/** Asked when the server surely listens: whether it did at the first time of asking is chance. */
const answers = (path: string, more: Any = {}) => ({ httpGet: { path, port: "http" }, periodSeconds: 1, initialDelaySeconds: 3, ...more });
const server = { readinessProbe: answers("/ready") };

/** One pod named `failing`. */
const failing =
  (changes: Any, spec: Any = {}) =>
  (here: Scene): [string, Any][] => [[here.pods, pod("failing", spec, { ...server, ...changes })]];
const deployed =
  (changes: Any, spec: Any = {}) =>
  (here: Scene): [string, Any][] => [[here.deployments, deployment("failing", { ...server, ...changes }, spec)]];

/** Every cause of a failure that one node can produce, and what a start without failure shows. */
export const causes: Cause[] = [
  { name: "ready", objects: failing({}), shows: { pod: "Ready True", event: "Normal Started", phase: "Running" } },
  { name: "ready-after-init", objects: failing({}, init("ok")), shows: { pod: "Ready True", event: "Normal Started", phase: "Running" } },

  {
    name: "unschedulable",
    objects: failing({ resources: { requests: { cpu: "1000" } } }),
    shows: { event: "Warning FailedScheduling", pod: "PodScheduled False Unschedulable" },
  },
  {
    name: "scheduling-gated",
    objects: failing({}, { schedulingGates: [{ name: "example.com/wait" }] }),
    shows: { pod: "PodScheduled False SchedulingGated" },
  },
  {
    name: "node-selector",
    objects: failing({}, { nodeSelector: { "example.com/accelerator": "none" } }),
    shows: { event: "Warning FailedScheduling", pod: "PodScheduled False Unschedulable" },
  },
  {
    name: "quota",
    objects: (here) => [
      [here.quotas, quota("group", { "requests.cpu": "1", pods: "5" })],
      ...deployed({ resources: { requests: { cpu: "2" } } })(here),
    ],
    shows: { deployment: "ReplicaFailure True FailedCreate" },
  },
  {
    name: "no-service-account",
    objects: (here) => [[here.deployments, deployment("failing", {}, {}, { serviceAccountName: "missing" })]],
    shows: { deployment: "ReplicaFailure True FailedCreate" },
  },
  {
    name: "deadline-exceeded",
    objects: deployed({ env: [{ name: "READY", value: "no" }] }, { progressDeadlineSeconds: 2 }),
    shows: { deployment: "Progressing False ProgressDeadlineExceeded", event: "Warning Unhealthy" },
  },

  {
    name: "image-absent",
    objects: failing({ image: absentImage }),
    shows: { container: "waiting ImagePullBackOff", event: "Normal BackOff" },
  },
  {
    name: "image-absent-in-init",
    objects: failing({}, { initContainers: [task("storage-initializer", [], { image: absentImage })] }),
    shows: { container: "waiting ImagePullBackOff", event: "Normal BackOff" },
  },
  {
    name: "image-never-pulled",
    objects: failing({ image: absentImage, imagePullPolicy: "Never" }),
    shows: { container: "waiting ErrImageNeverPull", event: "Warning ErrImageNeverPull" },
  },
  {
    name: "image-misnamed",
    objects: failing({ image: "Not An Image" }),
    shows: { container: "waiting InvalidImageName", event: "Warning InspectFailed" },
  },

  {
    name: "secret-missing",
    objects: failing({ env: [{ name: "TAG", valueFrom: { secretKeyRef: { name: "later", key: "tag" } } }] }),
    shows: { container: "waiting CreateContainerConfigError", event: "Warning Failed" },
  },
  {
    name: "secret-key-missing",
    objects: (here) => [
      [here.secrets, secret("half", { data: {} })],
      ...failing({ env: [{ name: "TAG", valueFrom: { secretKeyRef: { name: "half", key: "tag" } } }] })(here),
    ],
    shows: { container: "waiting CreateContainerConfigError", event: "Warning Failed" },
  },
  {
    name: "config-map-missing",
    objects: failing({ envFrom: [{ configMapRef: { name: "later" } }] }),
    shows: { container: "waiting CreateContainerConfigError", event: "Warning Failed" },
  },
  {
    name: "config-map-key-missing",
    objects: (here) => [
      [here.configMaps, configMap("half")],
      ...failing({ env: [{ name: "TAG", valueFrom: { configMapKeyRef: { name: "half", key: "tag" } } }] })(here),
    ],
    shows: { container: "waiting CreateContainerConfigError", event: "Warning Failed" },
  },
  {
    name: "root-refused",
    objects: failing({ securityContext: { runAsNonRoot: true, runAsUser: 0 } }),
    shows: { container: "waiting CreateContainerConfigError", event: "Warning Failed" },
  },
  {
    name: "volume-missing",
    objects: failing(
      { volumeMounts: [{ name: "keys", mountPath: "/keys" }] },
      { volumes: [{ name: "keys", secret: { secretName: "keys" } }] },
    ),
    shows: { event: "Warning FailedMount", container: "waiting ContainerCreating" },
  },

  {
    name: "command-missing",
    objects: failing({ command: ["/no/such"] }),
    shows: { container: "waiting CrashLoopBackOff", event: "Warning BackOff" },
  },
  {
    name: "command-not-in-path",
    objects: failing({ command: ["no-such"] }),
    shows: { container: "waiting CrashLoopBackOff", event: "Warning BackOff" },
  },
  { name: "crash-loop", objects: failing(ends("crash", "3")), shows: { container: "waiting CrashLoopBackOff", event: "Warning BackOff" } },
  {
    name: "completes-again-and-again",
    objects: failing(ends("ok")),
    shows: { container: "waiting CrashLoopBackOff", event: "Warning BackOff" },
  },
  {
    name: "crash-once",
    objects: failing(ends("crash", "4"), { restartPolicy: "Never" }),
    shows: { pod: "Ready False PodFailed", phase: "Failed" },
  },
  {
    name: "completes-once",
    objects: failing(ends("ok"), { restartPolicy: "Never" }),
    shows: { pod: "Ready False PodCompleted", phase: "Succeeded" },
  },
  {
    name: "message-not-asked-for",
    objects: failing({ ...ends("crash", "5"), terminationMessagePolicy: "File" }, { restartPolicy: "Never" }),
    shows: { pod: "Ready False PodFailed", phase: "Failed" },
  },
  {
    name: "out-of-memory",
    objects: failing({ ...ends("eat"), resources: { limits: { memory: "192Mi" } } }, { restartPolicy: "Never" }),
    shows: { pod: "Ready False PodFailed", phase: "Failed" },
  },
  {
    name: "out-of-memory-again-and-again",
    objects: failing({ ...ends("eat"), resources: { limits: { memory: "192Mi" } } }),
    shows: { container: "waiting CrashLoopBackOff", event: "Warning BackOff" },
  },

  {
    name: "init-crash-loop",
    objects: failing({}, init("crash", "7")),
    shows: { container: "waiting CrashLoopBackOff", event: "Warning BackOff" },
  },
  {
    name: "init-crash-once",
    objects: failing({}, { ...init("crash", "7"), restartPolicy: "Never" }),
    shows: { pod: "Ready False PodFailed", phase: "Failed" },
  },
  {
    name: "init-out-of-memory",
    objects: failing(
      {},
      {
        restartPolicy: "Never",
        initContainers: [task("storage-initializer", ["eat"], { ...lasting, resources: { limits: { memory: "192Mi" } } })],
      },
    ),
    shows: { pod: "Ready False PodFailed", phase: "Failed" },
  },
  {
    name: "init-secret-missing",
    objects: failing({}, { initContainers: [task("storage-initializer", ["ok"], { envFrom: [{ secretRef: { name: "later" } }] })] }),
    shows: { container: "waiting CreateContainerConfigError", event: "Warning Failed" },
  },

  {
    name: "never-ready",
    objects: failing({ env: [{ name: "READY", value: "no" }] }),
    shows: { event: "Warning Unhealthy", phase: "Running" },
  },
  {
    name: "nobody-listens",
    objects: failing({ readinessProbe: answers("/", { httpGet: { path: "/", port: 9 } }) }),
    shows: { event: "Warning Unhealthy", phase: "Running" },
  },
  {
    name: "not-live",
    objects: failing({
      env: [{ name: "LIVE", value: "no" }],
      livenessProbe: answers("/live", { failureThreshold: 1 }),
    }),
    shows: { container: "waiting CrashLoopBackOff", event: "Warning BackOff" },
  },
  {
    name: "never-started",
    objects: failing({ env: [{ name: "LIVE", value: "no" }], startupProbe: answers("/live", { failureThreshold: 2 }) }),
    shows: { container: "waiting CrashLoopBackOff", event: "Warning BackOff" },
  },
  {
    name: "gate-closed",
    objects: failing({}, { readinessGates: [{ conditionType: "example.com/open" }] }),
    shows: { pod: "ContainersReady True", event: "Normal Started" },
  },
  {
    name: "volume-overfull",
    objects: failing(
      { ...ends("fill", "/scratch/file"), terminationMessagePolicy: "File", volumeMounts: [{ name: "scratch", mountPath: "/scratch" }] },
      { volumes: [{ name: "scratch", emptyDir: { sizeLimit: "4Mi" } }] },
    ),
    shows: { event: "Normal Killing", phase: "Failed", pod: "Ready False PodFailed" },
  },
  {
    name: "two-containers",
    objects: failing({}, { containers: [container(server), container({ name: "other", ...ends("crash", "1"), ports: [] })] }),
    shows: { container: "waiting CrashLoopBackOff", event: "Warning BackOff" },
  },
];

/** Whether a story has come to where its cause can be read. */
export function isTold({ shows }: Cause, story: Story): boolean {
  const has = (lists: Record<string, string[]>, word: string | undefined) =>
    word === undefined || Object.values(lists).some((words) => words.includes(word));
  const hasTyped = (lists: Record<string, string[]>, word: string | undefined) => {
    const [type = "", ...rest] = (word ?? "").split(" ");
    return word === undefined || Boolean(lists[type]?.includes(rest.join(" ")));
  };
  return (
    has(story.containers, shows.container) &&
    has(story.events, shows.event) &&
    has({ pod: story.phases }, shows.phase) &&
    hasTyped(story.pod_conditions, shows.pod) &&
    hasTyped(story.deployment_conditions, shows.deployment)
  );
}
