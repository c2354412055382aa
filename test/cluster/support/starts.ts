import type { Outcome } from "../../../domain/words.ts";
import { artifacts } from "./artifact-store.ts";

interface Places {
  /** Of `server.ts`. */
  image: string;
  /** `host:port` of a registry that has nothing. */
  registry: string;
}
export type Start = (places: Places) => { specification: object; outcome: Outcome };

const env = (variables: Record<string, string>) => Object.entries(variables).map(([name, value]) => ({ name, value }));
const server =
  (variables: Record<string, string>, more: object = {}, outcome: Outcome = "FAILED"): Start =>
  ({ image }) => ({
    specification: { predictor: { image, env: env(variables) }, ...more },
    outcome,
  });
const onnx = (model_uri: string, more: object = {}): ReturnType<Start> => ({
  specification: { predictor: { runtime: "onnx", model_uri }, ...more },
  outcome: "FAILED",
});
const goodbye = { name: "greets", method: "GET", path: "/hello", expect: { status: 200, json: { tag: "hello" } } };

/** Each way in which a first start may go. The name is also that of the file in `recorded/sequences`. */
export const starts: Record<string, Start> = {
  serves: server({}, {}, "SUCCEEDED"),
  "loads slowly": server({ LASTING: "5000" }, {}, "SUCCEEDED"),
  "has an image that is not there": ({ registry }) => ({
    specification: { predictor: { image: `${registry}/absent:1` } },
    outcome: "FAILED",
  }),
  "has a digest that is not there": ({ registry }) => ({
    specification: { predictor: { image: `${registry}/absent@sha256:${"0".repeat(64)}` } },
    outcome: "FAILED",
  }),
  "is too large for every node": ({ image }) => ({
    specification: { predictor: { image, instance_type: "gpu.xlarge" } },
    outcome: "FAILED",
  }),
  "has a model that is not there": () => onnx(artifacts.absent),
  "has a model that is none": () => onnx(artifacts.broken),
  "has a script that is wrong": () => onnx(artifacts.iris(1), { transformer: { runtime: "node", script_uri: artifacts.brokenScript } }),
  "ends at its start": server({ MODE: "crash", ARGUMENT: "3" }),
  "needs more memory than it has": server({ MODE: "eat" }),
  "answers its smoke test wrongly": server({}, { smoke_tests: [goodbye] }),
};
