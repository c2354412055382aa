import { beforeAll, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { absentImage, condition, container, deployment, pod } from "./support/objects.ts";
import { api, type Scene, scene } from "./target.ts";

const scenes = {} as Record<"restricted" | "baseline", Scene>;
beforeAll(async () => {
  for (const level of ["restricted", "baseline"] as const)
    scenes[level] = await scene(level, { "pod-security.kubernetes.io/enforce": level });
});

const idle = { image: absentImage, imagePullPolicy: "Never", readinessProbe: undefined };
const ownContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
const podContext = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const safe = { ...idle, securityContext: { ...ownContext, ...podContext } };
const refused = (level: string, name: string, why: string) => `pods "${name}" is forbidden: violates PodSecurity "${level}:latest": ${why}`;
const dryRun = (level: "restricted" | "baseline", body: Any) => api.create(`${scenes[level].pods}?dryRun=All`, body);

test("a pod that says nothing is refused where restricted is enforced, with all that it lacks", async () => {
  const { body } = await dryRun("restricted", pod("bare", {}, idle));
  expect(body).toMatchObject({ code: 403, reason: "Forbidden", details: { name: "bare", kind: "pods" } });
  expect(body.message).toBe(
    refused(
      "restricted",
      "bare",
      'allowPrivilegeEscalation != false (container "server" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "server" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "server" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "server" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ),
  );
});

test("a restricted pod is let in, whether its containers or the pod itself say so", async () => {
  expect((await dryRun("restricted", pod("safe", {}, safe))).status).toBe(201);
  const byPod = pod("by-pod", { securityContext: podContext }, { ...idle, securityContext: ownContext });
  expect((await dryRun("restricted", byPod)).status).toBe(201);
});

test.each([
  ["root", "restricted", {}, { runAsUser: 0 }, 'runAsUser=0 (container "server" must not set runAsUser=0)'],
  [
    "adding",
    "restricted",
    {},
    { capabilities: { drop: ["ALL"], add: ["SYS_TIME"] } },
    'unrestricted capabilities (container "server" must not include "SYS_TIME" in securityContext.capabilities.add)',
  ],
  [
    "may-be-root",
    "restricted",
    {},
    { runAsNonRoot: false },
    'runAsNonRoot != true (container "server" must not set securityContext.runAsNonRoot=false)',
  ],
  [
    "unconfined",
    "restricted",
    {},
    { seccompProfile: { type: "Unconfined" } },
    'seccompProfile (container "server" must not set securityContext.seccompProfile.type to "Unconfined")',
  ],
  [
    "privileged",
    "baseline",
    {},
    { privileged: true, allowPrivilegeEscalation: true },
    'privileged (container "server" must not set securityContext.privileged=true)',
  ],
  ["hosted", "baseline", { hostNetwork: true }, {}, /^host namespaces \(hostNetwork=true\)/],
  [
    "with-host-port",
    "baseline",
    { containers: [{ name: "server", image: "a", ports: [{ containerPort: 80, hostPort: 80 }] }] },
    {},
    'hostPort (container "server" uses hostPort 80)',
  ],
] as const)("%s is refused in %s", async (name, level, spec, context, why) => {
  const { body } = await dryRun(level, pod(name, spec, { ...safe, securityContext: { ...safe.securityContext, ...context } }));
  expect([body.code, body.reason]).toEqual([403, "Forbidden"]);
  const start = refused(level, name, "");
  expect(body.message.slice(0, start.length)).toBe(start);
  if (typeof why === "string") expect(body.message.slice(start.length)).toBe(why);
  else expect(body.message.slice(start.length)).toMatch(why);
});

test("several containers are named together, in order", async () => {
  const other = container({ name: "other", ...idle });
  const { body } = await dryRun("restricted", pod("two", { initContainers: [other] }, idle));
  expect(body.message).toContain(
    'allowPrivilegeEscalation != false (containers "other", "server" must set securityContext.allowPrivilegeEscalation=false)',
  );
});

test("a Deployment may name what its pods will be refused for: the refusal is its condition", async () => {
  await api.make(scenes.restricted.deployments, deployment("bare", idle));
  const object = await api.until(scenes.restricted.deployments, "bare", (each) => condition(each, "ReplicaFailure") !== undefined);
  expect(condition(object, "ReplicaFailure")).toMatchObject({ status: "True", reason: "FailedCreate" });
  expect(condition(object, "ReplicaFailure").message).toMatch(
    /^pods "bare-[a-z0-9]+-[a-z0-9]{5}" is forbidden: violates PodSecurity "restricted:latest": /,
  );
});
