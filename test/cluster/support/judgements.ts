import type { Expected } from "./film.ts";

const pending = "SCHEDULED Unknown Pending";
const creating = [pending, "INITIALIZED Unknown ContainerCreating"];
const initializing = [...creating, "INITIALIZED Unknown PodInitializing"];
const running = [...creating, "READY Unknown ContainersNotReady"];
/** Without a readiness probe whatever runs is ready. */
const unasked = [...creating, "READY True Ready"];
const loop = "STARTED False CrashLoopBackOff";
const initLoop = "INITIALIZED False CrashLoopBackOff";
const configError = "STARTED False CreateContainerConfigError";
/** A pod that has ended for ever is made anew. */
const lost = "SCHEDULED Unknown PodFailed";

const ready = (...conditions: string[]): Expected => ({ conditions, verdicts: ["ready"] });
const failed = (...conditions: string[]): Expected => ({ conditions, verdicts: ["failed"] });
const progressing = (...conditions: string[]): Expected => ({ conditions, verdicts: ["progressing"] });
/** It is final from some restart on, and a story may be over before. */
const failing = (...conditions: string[]): Expected => ({ conditions, verdicts: ["progressing", "failed"] });

/** What the product has to say of each cause, while it comes about and in the end: product.md's table of conditions, by example. */
export const judgements: Record<string, Expected> = {
  ready: ready(...running, "READY True Ready"),
  "ready-after-init": ready(...initializing, "READY Unknown ContainersNotReady", "READY True Ready"),

  unschedulable: failed(pending, "SCHEDULED False Unschedulable"),
  "node-selector": failed(pending, "SCHEDULED False Unschedulable"),
  "scheduling-gated": progressing(pending, "SCHEDULED Unknown SchedulingGated"),
  quota: failed(pending, "SCHEDULED False FailedCreate"),
  "no-service-account": failed(pending, "SCHEDULED False FailedCreate"),
  // Its deadline is two seconds, at which a busy machine has not come far.
  "deadline-exceeded": failed(
    ...[pending, "SCHEDULED False ProgressDeadlineExceeded", "INITIALIZED Unknown ContainerCreating"],
    ...["INITIALIZED False ProgressDeadlineExceeded", "READY Unknown ContainersNotReady", "READY False ProgressDeadlineExceeded"],
  ),

  "image-absent": failed(
    ...[...creating, "INITIALIZED Unknown Pulling", "INITIALIZED Unknown ErrImagePull", "INITIALIZED False ImagePullBackOff"],
  ),
  "image-absent-in-init": failed(
    ...[...initializing, "INITIALIZED Unknown Pulling", "INITIALIZED Unknown ErrImagePull", "INITIALIZED False ImagePullBackOff"],
  ),
  "image-never-pulled": failed(...creating, "INITIALIZED False ErrImageNeverPull"),
  "image-misnamed": failed(...creating, "INITIALIZED False InvalidImageName"),

  "secret-missing": failed(...creating, configError),
  "secret-key-missing": failed(...creating, configError),
  "config-map-missing": failed(...creating, configError),
  "config-map-key-missing": failed(...creating, configError),
  "root-refused": failed(...creating, configError),
  "volume-missing": failed(...creating, "INITIALIZED False FailedMount"),

  "command-missing": failed(...creating, "STARTED False RunContainerError", loop),
  "command-not-in-path": failed(...creating, "STARTED False RunContainerError", loop),
  "crash-loop": failed(...unasked, "STARTED False Error", loop),
  "completes-again-and-again": failed(...unasked, "STARTED False Completed", loop),
  "crash-once": progressing(...unasked, "STARTED False Error", lost),
  "completes-once": { ...progressing(...unasked, "STARTED False Completed"), last: pending },
  "message-not-asked-for": progressing(...unasked, "STARTED False Error", lost),
  "out-of-memory": progressing(...unasked, "STARTED False OOMKilled", lost),
  "out-of-memory-again-and-again": failing(...unasked, "STARTED False OOMKilled"),

  "init-crash-loop": failing(...initializing, "INITIALIZED False Error", initLoop),
  "init-crash-once": progressing(...initializing, "INITIALIZED False Error", lost),
  "init-out-of-memory": progressing(...initializing, "INITIALIZED False OOMKilled", lost),
  "init-secret-missing": failed(...initializing, "INITIALIZED False CreateContainerConfigError"),

  "never-ready": progressing(...running),
  "nobody-listens": progressing(...running),
  // While it is being ended it still runs, and is not ready any more.
  "not-live": failed(...running, "READY True Ready", "READY False ContainersNotReady", "STARTED False Completed", loop),
  "never-started": failed(...creating, "STARTED Unknown Starting", "STARTED False Completed", loop),
  "gate-closed": progressing(...running, "READY Unknown ReadinessGatesNotReady"),
  "volume-overfull": progressing(...unasked, "SCHEDULED Unknown Evicted"),
  "two-containers": failed(...running, "READY True Ready", "STARTED False Error", loop),
};
