import { createRequire } from "node:module";
import type { Machine } from "./definition.ts";
import { isExpression } from "./expressions.ts";
import { isReservedName } from "./states/fail.ts";
import { isTimestamp } from "./states/wait.ts";
import { wrongArguments } from "./task-resources/resource.ts";
import { isSupported, resourceOf, supportedResources } from "./task-resources/supported.ts";
import { checkExpressions } from "./validator-expressions.ts";
import { checkRecovery, checkValues, type Fields, listOf, machineValues, stateValues, unknownFields } from "./validator-values.ts";

const machineFields = ["Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"];
const graphFields = ["Comment", "StartAt", "States"];
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
  checkExpressions(state, "", String(state.Type), (field, problem) => refuse(place, `field ${field}: ${problem}`));
  for (const rule of listOf(state.Choices)) {
    for (const field of unknownFields(rule, ruleFields)) refuse(place, `field Choices: ${field} is not supported`);
    if (typeof rule.Condition !== "boolean" && !isExpression(rule.Condition))
      refuse(place, "field Condition: must be true, false or a JSONata expression");
  }
  for (const part of [state, ...listOf(state.Choices), ...listOf(state.Catch)])
    if (part.Assign !== undefined && !isFields(part.Assign)) refuse(place, "field Assign: must be an object of variables and their values");
  checkRecovery(state, (problem) => refuse(place, problem));
  checkValues(state, stateValues, (problem) => refuse(place, problem));
  if (state.Type === "Task") checkTask(state, place, refuse);
  checkInner(state, place, refuse);
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
  if (parameters === null || isExpression(state.Arguments)) return;
  for (const problem of wrongArguments(state.Arguments, parameters)) refuse(place, `field Arguments: ${problem}`);
}

/** Branches and the processor of a Map: lines of states, with nothing of a machine's own. */
function checkInner(state: Fields, place: string, refuse: Refuse): void {
  if (state.Type === "Parallel" && listOf(state.Branches).length === 0) refuse(place, "field Branches: must be a list of at least one");
  const processor = (state.ItemProcessor ?? {}) as Fields;
  const config = (processor.ProcessorConfig ?? {}) as Fields;
  for (const branch of listOf(state.Branches))
    for (const field of unknownFields(branch, graphFields)) refuse(place, `field Branches: ${field} is not supported`);
  for (const field of unknownFields(processor, [...graphFields, "ProcessorConfig"]))
    refuse(place, `field ItemProcessor: ${field} is not supported`);
  if (config.Mode !== undefined && config.Mode !== "INLINE")
    refuse(place, `field ItemProcessor: the Mode ${JSON.stringify(config.Mode)} is not supported, only "INLINE"`);
  for (const field of unknownFields(config, config.Mode === "INLINE" ? ["Mode"] : Object.keys(config)))
    refuse(place, `field ItemProcessor: ProcessorConfig/${field} is not supported`);
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const assignsOf = (state: Fields): Fields[] =>
  [state, ...listOf(state.Choices), ...listOf(state.Catch)].flatMap((part) => (isFields(part.Assign) ? [part.Assign] : []));
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
