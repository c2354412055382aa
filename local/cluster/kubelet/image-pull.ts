import { type ContainerRun, fieldPath } from "./container-state.ts";
import { type FoundImage, type ImageReference, parseReference } from "./image-store.ts";
import { pause } from "./node-parts.ts";
import type { PodRun } from "./pod-run.ts";

const firstBackOff = 10_000;
const longestBackOff = 300_000;
/** How long `ErrImagePull` is shown before the kubelet looks again and calls it a back-off. */
const untilBackOffShows = 2_000;

/** The container's image, once it is there: tried again for as long as the pod lives; undefined when that has ended. */
export async function ensureImage(run: PodRun, container: ContainerRun): Promise<FoundImage | undefined> {
  const { image = "", imagePullPolicy } = container.spec;
  const reference = parseReference(image);
  if (!reference) return refuse(run, container, "InvalidImageName", "InspectFailed", invalidName(image));
  const found = run.node.images.find(reference);
  const say = (reason: string, message: string) => run.node.events.normal(run.pod, reason, message, fieldPath(container));
  if (!found && imagePullPolicy === "Never") {
    return refuse(
      run,
      container,
      "ErrImageNeverPull",
      "ErrImageNeverPull",
      `Container image "${image}" is not present with pull policy of Never`,
    );
  }
  if (!found) return retryPull(run, container, reference);
  if (imagePullPolicy === "Always") {
    say("Pulling", `Pulling image "${image}"`);
    say("Pulled", `Successfully pulled image "${image}" in 1ms (1ms including waiting). Image size: 0 bytes.`);
  } else say("Pulled", `Container image "${image}" already present on machine and can be accessed by the pod`);
  return found;
}

function invalidName(image: string): string {
  const whole = image.includes("/") ? image : `library/${image}`;
  const why = image === image.toLowerCase() ? "" : `: repository name (${whole}) must be lowercase`;
  return `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format${why}`;
}

function wait(container: ContainerRun, reason: string, message: string): void {
  container.status.state = { waiting: { reason, message } };
}

/** Nothing but another pod can mend this. */
async function refuse(run: PodRun, container: ContainerRun, reason: string, event: string, message: string): Promise<undefined> {
  wait(container, reason, message);
  run.publish();
  run.node.events.warning(run.pod, event, message, fieldPath(container));
  run.node.events.warning(run.pod, "Failed", `Error: ${reason}`, fieldPath(container));
  await new Promise<void>((resolve) => {
    if (run.stopping.aborted) resolve();
    run.stopping.addEventListener("abort", () => resolve(), { once: true });
  });
  return undefined;
}

async function retryPull(run: PodRun, container: ContainerRun, reference: ImageReference): Promise<FoundImage | undefined> {
  const { image = "" } = container.spec;
  const { backOffFactor, events } = run.node;
  const path = fieldPath(container);
  const whole = `${reference.repository}${reference.digest ? `@${reference.digest}` : `:${reference.tag}`}`;
  const error = `failed to pull and unpack image "${whole}": failed to resolve reference "${whole}": ${whole}: not found`;
  for (let backOff = firstBackOff; ; backOff = Math.min(backOff * 2, longestBackOff)) {
    events.normal(run.pod, "Pulling", `Pulling image "${image}"`, path);
    events.warning(run.pod, "Failed", `Failed to pull image "${image}": rpc error: code = NotFound desc = ${error}`, path);
    events.warning(run.pod, "Failed", "Error: ErrImagePull", path);
    wait(container, "ErrImagePull", `rpc error: code = NotFound desc = ${error}`);
    run.publish();
    if (!(await pause(untilBackOffShows * backOffFactor, run.stopping))) return undefined;
    events.normal(run.pod, "BackOff", `Back-off pulling image "${image}"`, path);
    events.warning(run.pod, "Failed", "Error: ImagePullBackOff", path);
    wait(container, "ImagePullBackOff", `Back-off pulling image "${image}": ErrImagePull: rpc error: code = NotFound desc = ${error}`);
    run.publish();
    if (!(await pause((backOff - untilBackOffShows) * backOffFactor, run.stopping))) return undefined;
  }
}
