import jsonata, { type Expression } from "jsonata";
import type { Json, JsonObject, Template } from "./definition.ts";
import { type Surroundings, stepFunctions } from "./jsonata-functions.ts";

/** What an expression sees: `$states` and the variables. */
export interface Bindings {
  states: JsonObject;
  variables: JsonObject;
}

/** Becomes States.QueryEvaluationError; `location` is the field's path, `Output/result`. */
export class EvaluationError extends Error {
  readonly location: string | null;
  constructor(message: string, location: string | null) {
    super(message);
    this.name = "EvaluationError";
    this.location = location;
  }
}

/** An endless expression must not hang the process. */
const guardrails = { timeout: 10_000, stack: 1_000 };
const compiled = new Map<string, Expression>();

/** Nothing may stand outside the delimiters, not even a blank. */
export const isExpression = (value: unknown): value is string =>
  typeof value === "string" && value.startsWith("{%") && value.endsWith("%}") && value.length >= 4;
export const bodyOf = (expression: string): string => expression.slice(2, -2).trim();

/** Compiled once. Throws jsonata's error when the text is no JSONata. */
export function compile(body: string): Expression {
  const known = compiled.get(body);
  if (known !== undefined) return known;
  const expression = jsonata(body, guardrails);
  compiled.set(body, expression);
  return expression;
}

/** A copy of the template with every expression replaced by its value. */
export async function evaluate(template: Template, location: string, bindings: Bindings, surroundings: Surroundings): Promise<Json> {
  if (isExpression(template)) return evaluateExpression(bodyOf(template), location, bindings, surroundings);
  if (Array.isArray(template)) {
    const values: Json[] = [];
    for (const [index, item] of template.entries()) values.push(await evaluate(item, `${location}[${index}]`, bindings, surroundings));
    return values;
  }
  if (template === null || typeof template !== "object") return template;
  const values: JsonObject = {};
  for (const [name, item] of Object.entries(template)) values[name] = await evaluate(item, `${location}/${name}`, bindings, surroundings);
  return values;
}

async function evaluateExpression(body: string, location: string, bindings: Bindings, surroundings: Surroundings): Promise<Json> {
  const of = `The JSONata expression '${body}' specified for the field '${location}'`;
  let value: unknown;
  try {
    // A copy each time: jsonata marks the arrays it meets, and nothing may leak from one evaluation into another.
    const data = structuredClone({ ...bindings.variables, states: bindings.states });
    value = await compile(body).evaluate(undefined, { ...stepFunctions(surroundings), ...data });
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    throw new EvaluationError(`${of} threw an error during evaluation. ${code === undefined ? "" : `${code}: `}${message}`, location);
  }
  if (value === undefined) throw new EvaluationError(`${of} returned nothing (undefined).`, location);
  return plain(value, () => new EvaluationError(`${of} returned an unsupported result type.`, location));
}

/** Only what JSON can say, without jsonata's marks. */
function plain(value: unknown, unsupported: () => Error): Json {
  const text = JSON.stringify(value, (_name, part) => {
    const lambda = typeof part === "object" && part !== null && (part._jsonata_lambda === true || part._jsonata_function === true);
    if (lambda || typeof part === "function" || (typeof part === "number" && !Number.isFinite(part))) throw unsupported();
    return part;
  });
  return JSON.parse(text);
}
