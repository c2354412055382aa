import type { Scene } from "../target.ts";
import type { Any, ApiClient, WatchEvent } from "./api-client.ts";

/**
 * What a cluster showed of one cause, in the order in which it first showed it; times and repetitions are left out.
 * Streams that come from different writers are kept apart, because their interleaving is chance.
 */
export interface Story {
  /** Of each condition type of the pods: `False ContainersNotReady`. */
  pod_conditions: Record<string, string[]>;
  phases: string[];
  /** Of each container: `waiting ErrImagePull`, `terminated Error 3`; what runs is left out, as a short run may go unseen. */
  containers: Record<string, string[]>;
  /** Of each component that writes events: `Warning BackOff`. */
  events: Record<string, string[]>;
  /** Of each condition type of the Deployment, where there is one. */
  deployment_conditions: Record<string, string[]>;
  /** The first text of each of the above that had one, with names, addresses and amounts of time made equal. */
  messages: Record<string, string>;
}

/** Watches everything of a namespace that is made for one cause, until `done` says that enough was seen. */
export async function tellStory(
  api: ApiClient,
  here: Scene,
  begin: () => Promise<void>,
  done: (story: Story) => boolean,
  film: (event: WatchEvent) => void = () => undefined,
): Promise<Story> {
  const teller = new Teller(here.namespace);
  const end = new AbortController();
  const patience = setTimeout(() => end.abort(), 380_000);
  const open = async (path: string) => {
    const { resourceVersion } = (await api.get(path)).body.metadata;
    return api.openWatch(`${path}?resourceVersion=${resourceVersion}`, end.signal);
  };
  const follow = async (events: AsyncGenerator<WatchEvent>, look: (object: Any) => void) => {
    try {
      for await (const event of events) {
        film(event);
        look(event.object);
        if (done(teller.story)) end.abort();
      }
    } catch (error) {
      if (!end.signal.aborted) throw error;
    }
  };
  const [pods, events, deployments] = await Promise.all([open(here.pods), open(here.events), open(here.deployments)]);
  const watches = [
    follow(pods, (pod) => teller.seePod(pod)),
    follow(events, (event) => teller.seeEvent(event)),
    follow(deployments, (deployment) => teller.seeDeployment(deployment)),
  ];
  await begin();
  await Promise.all(watches);
  clearTimeout(patience);
  if (!done(teller.story)) throw new Error(`what was waited for did not come; seen: ${JSON.stringify(teller.story, null, 1)}`);
  return teller.story;
}

class Teller {
  readonly story: Story = { pod_conditions: {}, phases: [], containers: {}, events: {}, deployment_conditions: {}, messages: {} };
  readonly #namespace: string;
  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  seePod({ status = {} }: Any): void {
    note(this.story.phases, status.phase);
    if (status.reason) this.#say(`pod ${status.reason}`, status.message);
    this.#seeConditions("pod_conditions", status.conditions);
    // Of containers that were thrown out with their pod, a kubelet says now this and now that.
    if (status.reason === "Evicted") return;
    for (const { name, state, lastState } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
      this.story.containers[name] ??= [];
      const words = this.story.containers[name];
      for (const ended of [lastState?.terminated, state?.terminated]) {
        if (ended) this.#tell(words, `terminated ${ended.reason} ${ended.exitCode}`, ended.message);
      }
      if (state?.waiting) this.#tell(words, `waiting ${state.waiting.reason}`, state.waiting.message);
    }
  }

  seeEvent({ type, reason, message, source, reportingComponent, involvedObject }: Any): void {
    // The real cluster of this repository has no DNS, which its kubelet says of every pod.
    if (involvedObject.kind !== "Pod" || reason === "MissingClusterDNS") return;
    const component = source?.component || reportingComponent;
    this.story.events[component] ??= [];
    this.#tell(this.story.events[component], `${type} ${reason}`, message);
  }

  seeDeployment({ status }: Any): void {
    this.#seeConditions("deployment_conditions", status?.conditions);
  }

  #seeConditions(of: "pod_conditions" | "deployment_conditions", conditions: Any[] = []): void {
    for (const { type, status, reason, message } of conditions) {
      this.story[of][type] ??= [];
      this.#tell(this.story[of][type], reason ? `${status} ${reason}` : status, message, type);
    }
  }

  #tell(words: string[], word: string, message: string | undefined, subject = ""): void {
    note(words, word);
    if (message) this.#say(subject ? `${subject} ${word}` : word, message);
  }

  #say(word: string, message: string): void {
    this.story.messages[word] ??= settled(message, this.#namespace);
  }
}

function note(words: string[], word: string): void {
  if (word && !words.includes(word)) words.push(word);
}

/** Without what differs from run to run. */
function settled(message: string, namespace: string): string {
  return (
    message
      .replaceAll(namespace, "<namespace>")
      .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<uid>")
      .replace(/\b10\.\d+\.\d+\.\d+\b/g, "<ip>")
      .replace(/\b[0-9a-f]{64}\b/g, "<hash>")
      .replace(/\b(failing)-[a-z0-9]{6,10}(-[a-z0-9]{5})?\b/g, (_all, name, pod) => `${name}-<set>${pod ? "-<pod>" : ""}`)
      .replace(/\b\d+(\.\d+)?(ms|µs|s)\b/g, "<time>")
      // Why an image cannot be resolved is the network's word, and the way of saying so depends on it.
      .replace(/(rpc error: code = \w+ desc = )?(failed to pull and unpack image "[^"]+"): failed to resolve reference .*$/, "$2: <why>")
      .replace(/Image size: \d+ bytes/g, "Image size: <size> bytes")
  );
}
