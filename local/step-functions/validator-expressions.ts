import { bodyOf, compile, isExpression } from "./expressions.ts";

type Refuse = (field: string, problem: string) => void;

/**
 * Every expression must compile, may ask `$states` only for what it has there, and uses nothing that is not JSONata here (`$eval`).
 * Inner graphs are checked by themselves.
 */
export function checkExpressions(value: unknown, field: string, type: string, refuse: Refuse): void {
  if (isExpression(value)) {
    for (const problem of problemsOf(bodyOf(value), field, type)) refuse(field, problem);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    if (field === "" && (name === "ItemProcessor" || name === "Branches")) continue;
    checkExpressions(part, field === "" ? name : `${field}/${name}`, type, refuse);
  }
}

function problemsOf(body: string, field: string, type: string): string[] {
  let tree: unknown;
  try {
    tree = compile(body).ast();
  } catch (error) {
    return [`${body} is no JSONata: ${(error as Error).message}`];
  }
  const nodes = [...nodesOf(tree)];
  const asked = new Set(nodes.flatMap(askedOfStates));
  const evaluates = nodes.some(({ type: kind, value }) => kind === "variable" && value === "eval");
  return [
    ...(evaluates ? ["$eval does not exist in Step Functions, use $parse"] : []),
    ...(asked.has("result") && !hasResult(field, type)
      ? ["$states.result is only there in Output and Assign of Task, Map and Parallel"]
      : []),
    ...(asked.has("errorOutput") && !hasError(field) ? ["$states.errorOutput is only there in Output and Assign of a Catch"] : []),
  ];
}

const hasResult = (field: string, type: string): boolean =>
  /^(Output|Assign)(\/|$)/.test(field) && ["Task", "Map", "Parallel"].includes(type);
const hasError = (field: string): boolean => /^Catch\/\d+\/(Output|Assign)(\/|$)/.test(field);

interface Node {
  type?: unknown;
  value?: unknown;
  steps?: Node[];
}

/** Every node of a syntax tree, itself first. */
function* nodesOf(tree: unknown): Generator<Node> {
  if (typeof tree !== "object" || tree === null) return;
  if (!Array.isArray(tree)) yield tree as Node;
  for (const part of Object.values(tree)) yield* nodesOf(part);
}

/** `result` of the path `$states.result.Payload`. */
function askedOfStates({ type, steps = [] }: Node): string[] {
  const [first, second] = steps;
  if (type !== "path" || first?.type !== "variable" || first.value !== "states") return [];
  return second?.type === "name" ? [String(second.value)] : [];
}
