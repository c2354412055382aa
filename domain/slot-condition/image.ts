import { type ContainerStatus, type EventObject, type Pod, secondsSince } from "./facts.ts";
import { type Finding, failed, inProgress, oneLine, withDetail } from "./finding.ts";
import { isFinal, passingPullFault } from "./grace.ts";

const imageReasons: readonly string[] = [
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "InvalidImageName",
  "ImageInspectError",
  "RegistryUnavailable",
  "SignatureValidationFailed",
];

/** undefined when the container does not wait for its image. */
export function imageFinding(pod: Pod, container: ContainerStatus, events: readonly EventObject[], now: number): Finding | undefined {
  const { reason = "", message } = container.state?.waiting ?? {};
  if (!imageReasons.includes(reason)) return undefined;
  const image = imageOf(pod, container);
  const fault = pullFault(message && message !== reason ? message : wordsOfEvents(image, events));
  const text = messageOf(reason, image, fault.words);
  // The kubelet takes turns between both reasons: once it has backed off, a further pull is no first one.
  const backedOff =
    reason === "ErrImagePull" && events.some((event) => event.reason === "BackOff" && event.message?.includes("pulling image"));
  const standing = backedOff ? "ImagePullBackOff" : reason;
  if (standing === "ErrImagePull") return inProgress("INITIALIZED", reason, `${text}; it is tried again`);
  const seconds = secondsSince(pod.status?.startTime ?? pod.metadata.creationTimestamp, now);
  const passing = standing === "ImagePullBackOff" && fault.passes;
  return failed("INITIALIZED", standing, text, passing ? seconds >= passingPullFault : isFinal(standing, seconds));
}

export function imageOf(pod: Pod, { name, image }: ContainerStatus): string {
  const specified = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find((container) => container.name === name);
  return specified?.image ?? image ?? "(unknown)";
}

function messageOf(reason: string, image: string, words: string): string {
  if (reason === "InvalidImageName") return `image ${image} is no valid image name: correct it`;
  if (reason === "ErrImageNeverPull") return `image ${image} is not on the node, and its pull policy is Never`;
  return withDetail(`image ${image} cannot be pulled`, words);
}

function wordsOfEvents(image: string, events: readonly EventObject[]): string | undefined {
  return events.find((event) => event.reason === "Failed" && event.message?.includes(image) && /pull/i.test(event.message))?.message;
}

/** What registries and container runtimes say, in a person's words; `passes` when the same pull may succeed later. */
const pullFaults: readonly { says: RegExp; words: string; passes: boolean }[] = [
  {
    says: /toomanyrequests|429 Too Many/i,
    words: "the registry limits pulls (429): use image_pull_secret or another registry",
    passes: true,
  },
  {
    says: /unauthorized|authentication required|no basic auth|access denied|authorization failed|denied:|40[13] (Unauthorized|Forbidden)/i,
    words: "access denied: set image_pull_secret, or let the nodes pull from this registry",
    passes: false,
  },
  {
    says: /no match(ing manifest)? for (platform|linux)|exec format/i,
    words: "there is no image for the node's architecture",
    passes: false,
  },
  { says: /no such host|server misbehaving/i, words: "the registry's host name cannot be resolved", passes: true },
  {
    says: /timeout|deadline exceeded|connection (refused|reset)|EOF|50[0234] |network is unreachable|TLS handshake/i,
    words: "the registry does not answer",
    passes: true,
  },
  { says: /not found|manifest unknown|does not exist|\b404\b/i, words: "not found", passes: false },
  { says: /no space left/i, words: "the node has no space left for it", passes: true },
];

function pullFault(message: string | undefined): { words: string; passes: boolean } {
  // The fault stands at the end, which is cut off where the image's name is long and told three times.
  const known = pullFaults.find(({ says }) => says.test(message ?? ""));
  if (known) return known;
  return {
    words: oneLine(message)
      .replace(/^Back-off pulling image "[^"]*"(: )?/, "")
      .replace(/^ErrImagePull: /, ""),
    passes: false,
  };
}
