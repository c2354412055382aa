import { createRequire } from "node:module";
import type { Machine } from "./definition.ts";
import { bodyOf, compile, isExpression } from "./expressions.ts";
import { isReservedName } from "./states/fail.ts";
import { isTimestamp } from "./states/wait.ts";
import { isSupported, resourceOf, supportedResources } from "./task-resources/supported.ts";
import { checkRecovery, checkValues, type Fields, listOf, machineValues, stateValues, unknownFields } from "./validator-values.ts";

const machineFields = ["Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"];
const everyState = ["Type", "Comment", "QueryLanguage"];
const leading = ["Next", "End", "Output", "Assign"];
const recovering = ["Retry", "Catch"];
const stateFields: Record<string, string[]> = {
  Task: [...leading, ...recovering, "Resource", "Arguments", "TimeoutSeconds", "HeartbeatSeconds"],
  Pass: leading,
  Wait: [...leading, "Seconds", "Timestamp"],
  Choice: ["Choices", "Default", "Output", "Assign"],
  Succeed: ["Output"],
  Fail: ["Error", "Cause"],
  Parallel: [...leading, ...recovering, "Arguments", "Branches"],
  Map: [...leading, ...recovering, "Items", "ItemSelector", "MaxConcurrency", "ItemProcessor"],
};
const ruleFields = ["Comment", "Condition", "Next", "Output", "Assign"];

/** Says no to everything that this interpreter would not run as AWS does: by machine, state and field, all at once. */
export function refuseUnsupported(machine: Machine): void {
  const found: string[] = [];
  const definition = machine.definition as unknown as Fields;
  if (definition.QueryLanguage !== "JSONata")
    found.push(`QueryLanguage is ${JSON.stringify(definition.QueryLanguage ?? "JSONPath")}; only "JSONata" is supported`);
  for (const field of unknownFields(definition, machineFields)) found.push(`the field ${field} is not supported`);
  checkValues(definition, machineValues, (problem) => found.push(problem));
  checkGraph(definition, "", new Set(), (place, problem) => found.push(`${place}: ${problem}`));
  if (found.length === 0) found.push(...schemaErrors(machine));
  if (found.length > 0)
    throw new Error(`The state machine '${machine.name}' cannot run here.\n${found.map((line) => `- ${line}`).join("\n")}`);
}

type Refuse = (place: string, problem: string) => void;

/** `outer`: variables that outer scopes assign; an inner scope may read but not assign them. */
function checkGraph(graph: Fields, within: string, outer: Set<string>, refuse: Refuse): void {
  const states = Object.entries((graph.States ?? {}) as Record<string, Fields>);
  const own = new Set(states.flatMap(([, state]) => assignsOf(state).flatMap((assign) => Object.keys(assign))));
  for (const [name, state] of states) {
    const place = `state '${within}${name}'`;
    for (const variable of new Set(assignsOf(state).flatMap((assign) => Object.keys(assign)))) {
      if (outer.has(variable)) refuse(place, `field Assign: the variable '${variable}' belongs to an outer scope`);
      if (!/^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u.test(variable) || variable === "states")
        refuse(place, `field Assign: '${variable}' is no name for a variable`);
    }
    checkState(state, place, refuse);
    for (const inner of innerGraphs(state)) checkGraph(inner, `${within}${name}/`, new Set([...outer, ...own]), refuse);
  }
}

function checkState(state: Fields, place: string, refuse: Refuse): void {
  const known = stateFields[String(state.Type)];
  if (known === undefined) {
    refuse(place, `the Type ${JSON.stringify(state.Type)} is not supported (${Object.keys(stateFields).join(", ")})`);
    return;
  }
  if (state.QueryLanguage !== undefined && state.QueryLanguage !== "JSONata")
    refuse(place, `field QueryLanguage: only "JSONata" is supported`);
  for (const field of unknownFields(state, [...everyState, ...known]))
    refuse(place, `the field ${field} is not supported in a ${state.Type} state`);
  checkExpressions(state, "", (field, problem) => refuse(place, `field ${field}: ${problem}`));
  for (const rule of listOf(state.Choices)) {
    for (const field of unknownFields(rule, ruleFields)) refuse(place, `field Choices: ${field} is not supported`);
    if (typeof rule.Condition !== "boolean" && !isExpression(rule.Condition))
      refuse(place, "field Condition: must be true, false or a JSONata expression");
  }
  checkRecovery(state, (problem) => refuse(place, problem));
  checkValues(state, stateValues, (problem) => refuse(place, problem));
  if (state.Type === "Task") checkTask(state, place, refuse);
  if (state.Type === "Map") checkProcessor(state, place, refuse);
  if (state.Type === "Fail" && isReservedName(String(state.Error)))
    refuse(place, `field Error: ${state.Error} is reserved, as every name that begins with 'States.'`);
  if (typeof state.Timestamp === "string" && !isExpression(state.Timestamp) && !isTimestamp(state.Timestamp))
    refuse(place, `field Timestamp: ${state.Timestamp} is no RFC 3339 time`);
}

function checkTask(state: Fields, place: string, refuse: Refuse): void {
  const resource = String(state.Resource);
  if (!isSupported(resource)) {
    refuse(place, `field Resource: ${resource} is not supported (${supportedResources.join(", ")})`);
    return;
  }
  const { parameters } = resourceOf(resource);
  const given = state.Arguments;
  if (parameters === null || typeof given !== "object" || given === null || Array.isArray(given)) return;
  for (const field of unknownFields(given as Fields, parameters.allowed))
    refuse(place, `field Arguments: ${field} is not supported by ${resource}`);
  for (const field of parameters.required) if (!(field in given)) refuse(place, `field Arguments: ${field} is missing`);
}

function checkProcessor(state: Fields, place: string, refuse: Refuse): void {
  const config = ((state.ItemProcessor ?? {}) as Fields).ProcessorConfig as Fields | undefined;
  if (config?.Mode !== undefined && config.Mode !== "INLINE")
    refuse(place, `field ItemProcessor: the Mode ${JSON.stringify(config.Mode)} is not supported, only "INLINE"`);
}

/** Every expression must compile; what is not JSONata here (`$eval`) is named. Inner graphs are checked by themselves. */
function checkExpressions(value: unknown, field: string, refuse: Refuse): void {
  if (isExpression(value)) {
    try {
      const tree = JSON.stringify(compile(bodyOf(value)).ast());
      if (/"value":"eval","type":"variable"/.test(tree)) refuse(field, "$eval does not exist in Step Functions, use $parse");
    } catch (error) {
      refuse(field, `${bodyOf(value)} is no JSONata: ${(error as Error).message}`);
    }
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    if (field === "" && (name === "ItemProcessor" || name === "Branches")) continue;
    checkExpressions(part, field === "" ? name : `${field}/${name}`, refuse);
  }
}

const assignsOf = (state: Fields): Fields[] =>
  [state, ...listOf(state.Choices), ...listOf(state.Catch)].flatMap((part) => (part.Assign === undefined ? [] : [part.Assign as Fields]));
const innerGraphs = (state: Fields): Fields[] => [
  ...listOf(state.Branches),
  ...(state.ItemProcessor === undefined ? [] : [state.ItemProcessor as Fields]),
];

interface SchemaVerdict {
  isValid: boolean;
  errorsText(): string;
}
const validate = createRequire(import.meta.url)("asl-validator") as (
  definition: unknown,
  options: { checkPaths: boolean; checkArn: boolean },
) => SchemaVerdict;

/** The schema is compiled anew on every call, which takes a tenth of a second. */
const accepted = new Set<string>();

/** Targets, reachability, terminal states, types of fields. */
function schemaErrors(machine: Machine): string[] {
  const text = JSON.stringify(machine.definition);
  if (accepted.has(text)) return [];
  const verdict = validate(withoutLiterals(machine.definition), { checkPaths: true, checkArn: true });
  if (!verdict.isValid) return [verdict.errorsText()];
  accepted.add(text);
  return [];
}

/** The validator writes into what it is given, and its schema knows no literals where AWS takes them: both call for a copy. */
function withoutLiterals(value: unknown, field = ""): unknown {
  const template = ["Output", "Arguments", "Items", "ItemSelector"].includes(field);
  const literal = typeof value !== "object" || value === null || Array.isArray(value);
  if ((template && literal) || (field === "Condition" && typeof value === "boolean")) return "{% true %}";
  if (Array.isArray(value)) return value.map((item) => withoutLiterals(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutLiterals(part, name)]));
}
