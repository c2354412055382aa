import { expect, test } from "vitest";
import { inWords } from "../../../local/doctor/finding.ts";
import { images } from "../../../local/doctor/nodes.ts";

const node = (name: string, names: string[][]) => ({
  metadata: { name },
  status: { conditions: [{ type: "Ready", status: "True" }], images: names.map((each) => ({ names: each })) },
});
const onnx = ["docker.io/slipway/onnx-server@sha256:1234", "docker.io/slipway/onnx-server:1"];
const script = ["docker.io/slipway/node-script:1"];
const copier = ["docker.io/kserve/storage-initializer:v0.20.0"];
const many = Array.from({ length: 50 }, (_, index) => [`registry.example.com/other:${index}`]);

test.each([
  ["of nodes that tell none", [node("a", [])], "unknown", "do not tell"],
  [
    "of nodes that have all",
    [node("a", [onnx, script, copier])],
    "fine",
    "each node has slipway/onnx-server:1, slipway/node-script:1, kserve/storage-initializer",
  ],
  [
    "of nodes that pull the rest",
    [node("a", [onnx, script])],
    "fine",
    "each node has slipway/onnx-server:1, slipway/node-script:1; others",
  ],
  [
    "of one node without",
    [node("a", [onnx, script]), node("b", [script])],
    "lacking",
    "slipway/onnx-server:1 is not on b, and no public registry has it",
  ],
  [
    "of nodes that do not tell all",
    [node("a", [...many, script])],
    "unknown",
    "slipway/onnx-server:1 is not on a, as far as they tell (the 50 largest)",
  ],
])("tells the images %s", (_what, items, outcome, given) => {
  const finding = images(items);
  expect(finding).toMatchObject({ outcome, given: expect.stringContaining(given) });
  expect(inWords([finding]).includes("do: ")).toBe(outcome !== "fine");
});
