import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { workflowDiagram, workflowStates } from "../lib/toolkit/workflow-diagram.ts";

/** `npm run diagrams`: docs/workflows.md, made from the state machines themselves. */
const root = join(import.meta.dirname, "..");
const machines = ["rollout", "smoke-test", "rollback", "shutdown", "verification", "promotion"] as const;

function sectionOf(machine: string): string {
  const definition = JSON.parse(readFileSync(join(root, "statemachines", `${machine}.asl.json`), "utf8"));
  const picture = ["```mermaid", workflowDiagram(definition), "```"].join("\n");
  return [`## ${machine}`, definition.Comment, picture, workflowStates(definition)].join("\n\n");
}

export function workflowsPage(): string {
  const head =
    "# Workflows\n\nMade by `npm run diagrams` from `statemachines/`, the only copy; a test compares. An older executor that meets a newer epoch\nstops quietly (`Superseded`), from wherever it is: those ways are left out.";
  return `${[head, ...machines.map(sectionOf)].join("\n\n")}\n`;
}

if (import.meta.main) writeFileSync(join(root, "docs", "workflows.md"), workflowsPage());
