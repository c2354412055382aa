/**
 * When a cause is final, as data. Seconds that a reason may stand before the operation gives up, or `deadline` when only
 * the operation's deadline ends the wait. A reason that is not here waits for the deadline.
 */
export const graceSeconds: Readonly<Record<string, number | "deadline">> = {
  // Scheduling
  Unschedulable: 60,
  SchedulerError: 60,
  SchedulingGated: "deadline",
  FailedCreate: 10,
  ReplicaSetCreateError: 10,
  // Images: the kubelet calls it back-off only after a pull has failed.
  InvalidImageName: 0,
  ErrImageNeverPull: 0,
  SignatureValidationFailed: 0,
  ImagePullBackOff: 0,
  ErrImagePull: "deadline",
  ImageInspectError: 120,
  RegistryUnavailable: 120,
  // Volumes and sandboxes
  FailedMount: 120,
  FailedAttachVolume: "deadline",
  FailedCreatePodSandBox: "deadline",
  // Containers that cannot be made: the kubelet may know of a Secret a moment later than the API does.
  CreateContainerConfigError: 10,
  CreateContainerError: 30,
  CreatePodSandboxError: "deadline",
};

/** A pull that failed for a passing reason (the registry did not answer, or limits pulls) is worth this many seconds more. */
export const passingPullFault = 120;

/** Restarts after which a container is not tried any further. */
export const restartsUntilFinal = { crash: 3, outOfMemory: 2, initContainer: 2 } as const;

/** How long a load balancer may take to take up an instance that is ready. */
export const registrationSeconds = 60;

export function isFinal(reason: string, seconds: number): boolean {
  const grace = Object.hasOwn(graceSeconds, reason) ? graceSeconds[reason] : "deadline";
  return typeof grace === "number" && seconds >= grace;
}
