import { describe, expect, test } from "vitest";
import {
  anEvent,
  aPod,
  condition,
  downloaded,
  ended,
  image,
  initialized,
  judge,
  running,
  scheduled,
  serverIn,
  terminated,
  verdictOf,
  waiting,
} from "../builders.ts";

const notFound = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
const backOff = (words: string) => `Back-off pulling image "${image}": ErrImagePull: ${words}`;
const pulls = (reason: string, message: string, age = 5) => serverIn(waiting(reason, message), { age, phase: "Pending" });

describe("the image", () => {
  test.each([
    ["the first failed pull may be a passing one", pulls("ErrImagePull", notFound), "INITIALIZED Unknown ErrImagePull progressing"],
    ["back-off: it was tried and is final", pulls("ImagePullBackOff", backOff(notFound)), "INITIALIZED False ImagePullBackOff failed"],
    [
      "never pulled",
      pulls("ErrImageNeverPull", `Container image "${image}" is not present with pull policy of Never`),
      "INITIALIZED False ErrImageNeverPull failed",
    ],
    ["no image name", pulls("InvalidImageName", "couldn't parse image reference"), "INITIALIZED False InvalidImageName failed"],
    ["no valid signature", pulls("SignatureValidationFailed", "no signature"), "INITIALIZED False SignatureValidationFailed failed"],
    ["cannot be inspected, just now", pulls("ImageInspectError", "input/output error"), "INITIALIZED False ImageInspectError progressing"],
    ["cannot be inspected for long", pulls("ImageInspectError", "input/output error", 120), "INITIALIZED False ImageInspectError failed"],
    ["registry away, just now", pulls("RegistryUnavailable", "no answer"), "INITIALIZED False RegistryUnavailable progressing"],
    ["registry away for long", pulls("RegistryUnavailable", "no answer", 121), "INITIALIZED False RegistryUnavailable failed"],
    [
      "a passing fault, just now",
      pulls("ImagePullBackOff", backOff("dial tcp 10.0.0.1:443: i/o timeout")),
      "INITIALIZED False ImagePullBackOff progressing",
    ],
    [
      "a passing fault for long",
      pulls("ImagePullBackOff", backOff("dial tcp 10.0.0.1:443: i/o timeout"), 120),
      "INITIALIZED False ImagePullBackOff failed",
    ],
  ])("%s", (_, pod, expected) => {
    expect(verdictOf(judge({ pods: [pod] }))).toBe(expected);
  });

  test("a pull between two back-offs is no first one", () => {
    const events = [anEvent("BackOff", `Back-off pulling image "${image}"`, { type: "Normal" })];
    expect(verdictOf(judge({ pods: [pulls("ErrImagePull", notFound)], events }))).toBe("INITIALIZED False ImagePullBackOff failed");
  });

  test("the message is a line to act on", () => {
    const { condition: judged } = judge({ pods: [pulls("ImagePullBackOff", backOff(notFound))] });
    expect(judged.message).toBe("predictor of revision 4 (green): image registry.example/card:9 cannot be pulled: not found");
  });

  test.each([
    ["pull access denied, repository does not exist or may require authorization", ": access denied: set image_pull_secret"],
    ["401 Unauthorized", ": access denied: set image_pull_secret"],
    ["toomanyrequests: You have reached your pull rate limit", ": the registry limits pulls (429)"],
    ["dial tcp: lookup registry.example: no such host", ": the registry's host name cannot be resolved"],
    ["no match for platform in manifest: not found", ": there is no image for the node's architecture"],
    ["something nobody has seen before", ": something nobody has seen before"],
  ])("%s", (said, told) => {
    expect(judge({ pods: [pulls("ImagePullBackOff", backOff(said))] }).condition.message).toContain(`cannot be pulled${told}`);
  });

  test("the fault is found behind a name that is long and told three times", () => {
    const long = `registry.example/team/card@sha256:${"0".repeat(300)}`;
    const said = `failed to pull and unpack image "${long}": failed to resolve reference "${long}": ${long}: not found`;
    expect(judge({ pods: [pulls("ImagePullBackOff", backOff(said))] }).condition.message).toMatch(/cannot be pulled: not found$/);
  });

  test("an older kubelet keeps the words in its events", () => {
    const events = [anEvent("Failed", `Failed to pull image "${image}": ${notFound}`)];
    const { condition: judged } = judge({ pods: [pulls("ImagePullBackOff", `Back-off pulling image "${image}"`)], events });
    expect(judged.message).toMatch(/cannot be pulled/);
    expect(judge({ pods: [pulls("ImagePullBackOff", "")], events }).condition.message).toMatch(/cannot be pulled: not found$/);
  });

  test("of an init container the container is named", () => {
    const pod = aPod({
      inits: [waiting("InvalidImageName", "", { name: "storage-initializer" })],
      containers: [waiting("PodInitializing")],
    });
    const judgement = judge({ pods: [pod] });
    expect(verdictOf(judgement)).toBe("INITIALIZED False InvalidImageName failed");
    expect(judgement.condition.message).toContain("container storage-initializer: image kserve/storage-initializer:v0.20.0");
  });
});

describe("volumes and sandbox", () => {
  const creating = (age: number, more = {}) =>
    aPod({
      age,
      inits: [waiting("PodInitializing", "", { name: "storage-initializer" })],
      containers: [waiting("PodInitializing")],
      ...more,
    });
  const mount = 'MountVolume.SetUp failed for volume "secrets" : secret "nope" not found';

  test.each([
    ["nothing known yet", creating(1), [], "INITIALIZED Unknown PodInitializing progressing"],
    ["no container status yet", aPod({ age: 1 }), [], "INITIALIZED Unknown ContainerCreating progressing"],
    ["a mount that fails", creating(20), [anEvent("FailedMount", mount)], "INITIALIZED False FailedMount progressing"],
    ["a mount that fails for two minutes", creating(120), [anEvent("FailedMount", mount)], "INITIALIZED False FailedMount failed"],
    [
      "a volume still attached elsewhere",
      creating(500),
      [anEvent("FailedAttachVolume", "Multi-Attach error")],
      "INITIALIZED False FailedAttachVolume progressing",
    ],
    [
      "no network for the pod",
      creating(500),
      [anEvent("FailedCreatePodSandBox", "failed to assign an IP address")],
      "INITIALIZED Unknown FailedCreatePodSandBox progressing",
    ],
    [
      "a mount that failed and then worked",
      creating(200, { conditions: [condition("PodReadyToStartContainers", "True"), ...scheduled(200).slice(1)] }),
      [anEvent("FailedMount", mount, { age: 100 })],
      "INITIALIZED Unknown PodInitializing progressing",
    ],
    [
      "the image on its way",
      serverIn(waiting("ContainerCreating"), { age: 3 }),
      [anEvent("Pulling", `Pulling image "${image}"`, { type: "Normal" })],
      "INITIALIZED Unknown Pulling progressing",
    ],
  ])("%s", (_, pod, events, expected) => {
    expect(verdictOf(judge({ pods: [pod], events }))).toBe(expected);
  });
});

describe("the model download", () => {
  const init = { name: "storage-initializer" };
  const withInit = (container: object) => aPod({ inits: [container], containers: [waiting("PodInitializing")] });
  const log = ["INFO copying s3://models/card/9", "botocore.exceptions.ClientError: (404) Not Found", "", ""].join("\n");

  test.each([
    ["runs", running(init), "INITIALIZED Unknown PodInitializing progressing"],
    ["failed once", terminated(ended(1, "Error", log), init), "INITIALIZED False Error progressing"],
    ["runs again after it failed", running({ ...init, restarts: 1, last: ended(1, "Error", log) }), "INITIALIZED False Error progressing"],
    ["failed a third time", terminated(ended(1, "Error", log), { ...init, restarts: 2 }), "INITIALIZED False Error failed"],
    [
      "backs off after two failures",
      waiting("CrashLoopBackOff", "", { ...init, restarts: 2, last: ended(1) }),
      "INITIALIZED False CrashLoopBackOff failed",
    ],
    ["ran out of memory", terminated(ended(137, "OOMKilled"), init), "INITIALIZED False OOMKilled progressing"],
    [
      "cannot be configured",
      waiting("CreateContainerConfigError", 'secret "nope" not found', init),
      "INITIALIZED False CreateContainerConfigError progressing",
    ],
  ])("%s", (_, container, expected) => {
    expect(verdictOf(judge({ pods: [withInit(container)] }))).toBe(expected);
  });

  test("the last line of its log is the cause", () => {
    expect(judge({ pods: [withInit(terminated(ended(1, "Error", log), init))] }).condition.message).toBe(
      "predictor of revision 4 (green): model download failed in container storage-initializer with exit code 1: botocore.exceptions.ClientError: (404) Not Found",
    );
  });

  test("a second init container counts too", () => {
    const pod = aPod({
      inits: [downloaded, terminated(ended(3), { name: "warm-up", restarts: 2 })],
      containers: [waiting("PodInitializing")],
    });
    const judgement = judge({ pods: [pod] });
    expect(verdictOf(judgement)).toBe("INITIALIZED False Error failed");
    expect(judgement.condition.message).toContain("initialization failed in container warm-up");
  });

  test("done is done, whatever it took", () => {
    const done = terminated(ended(0, "Completed"), { ...init, restarts: 5, last: ended(1) });
    const pod = aPod({ inits: [done], containers: [running()], conditions: initialized() });
    expect(verdictOf(judge({ pods: [pod] }))).toBe("STARTED Unknown Starting progressing");
  });
});
