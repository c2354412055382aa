import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { workflowsPage } from "../../bin/workflows-page.ts";
import { workflowDiagram } from "../../lib/toolkit/workflow-diagram.ts";

it("shows the state machines as they are: npm run diagrams", () => {
  expect(readFileSync("docs/workflows.md", "utf8")).toBe(workflowsPage());
});

it("draws every way but that of an older executor", () => {
  const diagram = workflowDiagram({
    StartAt: "Do",
    States: {
      Do: {
        Type: "Task",
        Next: "Which",
        Catch: [
          { ErrorEquals: ["StaleEpoch"], Next: "Superseded" },
          { ErrorEquals: ["States.ALL"], Next: "Failed" },
        ],
      },
      Which: { Type: "Choice", Choices: [{ Condition: "{% $states.input.more %}", Next: "Do" }], Default: "Done" },
      Done: { Type: "Succeed" },
      Superseded: { Type: "Succeed" },
      Failed: { Type: "Fail" },
    },
  });
  expect(diagram.split("\n")).toEqual([
    "stateDiagram-v2",
    "  [*] --> Do",
    "  Do --> Which",
    "  Do --> Failed: fails",
    "  state Which <<choice>>",
    "  Which --> Do: more",
    "  Which --> Done: else",
    "  Done --> [*]",
    "  Failed --> [*]",
  ]);
});
