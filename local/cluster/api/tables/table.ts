import type { IncomingMessage } from "node:http";
import type { Resource } from "../../objects/resource.ts";
import { apiVersionOf, type KindRule } from "../kinds.ts";
import { type Cells, cellsOf } from "./columns.ts";

const tableType = /;\s*as=Table\b/i;

/** Whether who asks wants a table before all else, as kubectl does; others get objects. */
export const wantsTable = ({ headers }: Pick<IncomingMessage, "headers">): boolean => tableType.test(headers.accept?.split(",")[0] ?? "");

/** What a table shows of each object besides its cells. */
export type Included = "None" | "Metadata" | "Object";

export const includedIn = (query: URLSearchParams): Included => {
  const asked = query.get("includeObject");
  return asked === "None" || asked === "Object" ? asked : "Metadata";
};

/** Objects of one kind as lines of a `meta.k8s.io/v1` Table, with the list's own metadata. */
export function tableOf(rule: KindRule, objects: Resource[], metadata: object, included: Included, now = Date.now()): object {
  const cells = objects.map((object) => cellsOf(rule.kind, object, now));
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: definitions(cells[0] ?? { Name: "", Age: "" }),
    rows: objects.map((object, index) => ({ cells: Object.values(cells[index] as Cells), ...shown(rule, object, included) })),
  };
}

function definitions(cells: Cells): object[] {
  return Object.entries(cells).map(([heading, cell]) => {
    const isWide = heading.startsWith("(");
    const type = typeof cell === "number" ? "integer" : "string";
    const name = isWide ? heading.slice(1, -1) : heading;
    return { name, type, format: heading === "Name" ? "name" : "", description: "", priority: isWide ? 1 : 0 };
  });
}

function shown(rule: KindRule, object: Resource, included: Included): object {
  if (included === "None") return {};
  // In a list those of built-in kinds do not say what they are.
  if (included === "Object") return { object: { ...object, apiVersion: apiVersionOf(rule), kind: rule.kind } };
  return { object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata } };
}
