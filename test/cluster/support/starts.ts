import type { Outcome } from "../../../domain/words.ts";
import { artifacts } from "./artifact-store.ts";
import { type Meddling, meddling } from "./meddling.ts";
import { coresType, memoryType } from "./odd-instance-types.ts";

interface Places {
  /** Of `server.ts`. */
  image: string;
  /** `host:port` of a registry that has nothing. */
  registry: string;
}

export interface Start {
  specification: (places: Places) => object;
  outcome: Outcome;
  /** What the operation gives as its cause, when it fails. */
  cause?: RegExp;
  /** What somebody else does on the way. */
  meddling?: Meddling;
  /** No instance of it comes to a node, where room is scarce. */
  takesNoRoom?: true;
}

const env = (variables: Record<string, string>) => Object.entries(variables).map(([name, value]) => ({ name, value }));
const serving =
  (variables: Record<string, string>, more: object = {}, predictor: object = {}): Start["specification"] =>
  ({ image }) => ({ predictor: { image, env: env(variables), ...predictor }, ...more });
const onnx =
  (model_uri: string, more: object = {}): Start["specification"] =>
  () => ({ predictor: { runtime: "onnx", model_uri }, ...more });
const fails = (cause: RegExp, specification: Start["specification"], more: Partial<Start> = {}): Start => ({
  ...{ specification, cause, outcome: "FAILED" },
  ...more,
});
const homeless = { takesNoRoom: true } as const;
const succeeds = (specification: Start["specification"]): Start => ({ specification, outcome: "SUCCEEDED" });

const goodbye = { name: "greets", method: "GET", path: "/hello", expect: { status: 200, json: { tag: "hello" } } };
const brief = { rollout: { drain_seconds: 0, warm_seconds: 0, deadline_seconds: 90 } };
const secret = { env: [{ name: "TOKEN", value: "hidden", secret: true }] };

/** Each way in which a first start may go. The name is also that of the file in `recorded/sequences`. */
export const starts: Record<string, Start> = {
  // It takes its time whatever is done: begun last, it would be what all others wait for.
  "is never ready": fails(
    /^not ready by the deadline .*: READY Unknown \(ContainersNotReady\): predictor of revision 1 \(\w+\): the server runs but is not ready: Readiness probe failed: HTTP probe failed with statuscode: 503/,
    serving({ READY: "no" }, brief),
  ),
  "is killed by its liveness probe": fails(
    /^predictor of revision 1 \(\w+\): the server was stopped: Liveness probe failed: HTTP probe failed with statuscode: 500/,
    serving({ READY: "no", LIVE_FOR: "3000" }),
  ),
  serves: succeeds(serving({})),
  "loads slowly": succeeds(serving({ LASTING: "5000" })),
  "has an image that is not there": fails(/image \S+\/absent:1 cannot be pulled: not found$/, ({ registry }) => ({
    predictor: { image: `${registry}/absent:1` },
  })),
  "has a digest that is not there": fails(/image \S+\/absent@sha256:0+ cannot be pulled: not found$/, ({ registry }) => ({
    predictor: { image: `${registry}/absent@sha256:${"0".repeat(64)}` },
  })),
  "is too large for every node": fails(
    /no node has room: .*Insufficient nvidia.com\/gpu/,
    serving({}, {}, { instance_type: "gpu.xlarge" }),
    homeless,
  ),
  "needs more cores than a node has": fails(
    /^predictor of revision 1 \(\w+\): no node has room: 0\/1 nodes are available: 1 Insufficient cpu/,
    serving({}, {}, { instance_type: coresType }),
    homeless,
  ),
  "needs more memory than a node has": fails(
    /^predictor of revision 1 \(\w+\): no node has room: 0\/1 nodes are available: .*1 Insufficient memory/,
    serving({}, {}, { instance_type: memoryType }),
    homeless,
  ),
  "exceeds what its group may have": fails(
    /^predictor of revision 1 \(\w+\): .*exceeded quota: group, requested: pods=1, used: pods=0, limited: pods=0/,
    serving({}),
    { meddling: meddling.quotaLowered, ...homeless },
  ),
  "has instances that are refused at admission": fails(
    /^predictor of revision 1 \(\w+\): .*error looking up service account \S+\/model-server: serviceaccount "model-server" not found/,
    serving({}),
    { meddling: meddling.serviceAccountRemoved, ...homeless },
  ),
  "has an object that is refused at admission": fails(
    /^Deployment \S+ was refused: .*exceeded quota: group, requested: count\/deployments.apps=1, used: count\/deployments.apps=0, limited: count\/deployments.apps=0/,
    serving({}),
    { meddling: meddling.deploymentsForbidden, ...homeless },
  ),
  "has a Secret that is gone": fails(
    /^predictor of revision 1 \(\w+\): the container's configuration is wrong: secret "\S+" not found/,
    serving({}, {}, secret),
    { meddling: meddling.secretRemoved },
  ),
  "has a model that is not there": fails(/no object absent and none below it in bucket slipway-models/, onnx(artifacts.absent)),
  "has a model that is none": fails(/the server crashed \(exit code 1/, onnx(artifacts.broken)),
  "has a script that is wrong": fails(
    /^transformer of revision 1 \(\w+\): .*script broken\.mjs cannot be loaded: ReferenceError/,
    onnx(artifacts.iris(1), { transformer: { runtime: "node", script_uri: artifacts.brokenScript } }),
  ),
  "ends at its start": fails(/the server crashed \(exit code 3/, serving({ MODE: "crash", ARGUMENT: "3" })),
  "needs more memory than it has": fails(/out of memory: the server needs more than its instance type has/, serving({ MODE: "eat" })),
  "answers its smoke test wrongly": fails(/smoke test greets \(GET \/hello\)/, serving({}, { smoke_tests: [goodbye] })),
  "has a route that is not accepted": fails(/^the gateway refuses the route: NoMatchingParent/, serving({}), {
    meddling: meddling.routeDetached,
  }),
};
