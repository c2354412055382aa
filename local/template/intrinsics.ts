/** What a template's expressions may refer to; each look-up throws when it does not know the name. */
export interface Scope {
  ref(logicalId: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  imported(exportName: string): unknown;
  mapped(mapping: string, top: string, second: string): unknown;
}

/** A property whose value is this is left out, as `AWS::NoValue` asks. */
export const noValue = Symbol("AWS::NoValue");

type Node = Record<string, unknown>;
type Intrinsic = (argument: unknown, scope: Scope) => unknown;

/** Gives the value with every intrinsic function in it replaced by its result. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== noValue);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value as Node);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) {
    const [name, argument] = first;
    const intrinsic = intrinsics[name];
    if (intrinsic !== undefined) return intrinsic(argument, scope);
    if (name.startsWith("Fn::"))
      throw new Error(`The intrinsic function ${name} is not known to the local runtime: ${JSON.stringify(value)}`);
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, scope)] as const).filter(([, item]) => item !== noValue));
}

/** A condition expression as the `Conditions` section and `Fn::If` hold it. */
export function holds(expression: unknown, scope: Scope): boolean {
  const result = resolve(expression, scope);
  if (typeof result === "boolean") return result;
  throw new Error(`A condition must be true or false: ${JSON.stringify(expression)} gives ${JSON.stringify(result)}`);
}

const intrinsics: Record<string, Intrinsic> = {
  Ref: (argument, scope) => scope.ref(String(argument)),
  Condition: (argument, scope) => (typeof argument === "string" ? scope.condition(argument) : { Condition: resolve(argument, scope) }),
  "Fn::GetAtt": (argument, scope) => {
    const [logicalId, ...attribute] = Array.isArray(argument) ? argument.map(String) : String(argument).split(".");
    return scope.attribute(logicalId ?? "", attribute.join("."));
  },
  "Fn::Join": (argument, scope) => {
    const [separator, items] = list(argument, scope);
    return (items as unknown[]).map(String).join(String(separator));
  },
  "Fn::Split": (argument, scope) => {
    const [separator, text] = list(argument, scope);
    return String(text).split(String(separator));
  },
  "Fn::Select": (argument, scope) => {
    const [index, items] = list(argument, scope);
    const chosen = (items as unknown[])[Number(index)];
    if (chosen === undefined) throw new Error(`Fn::Select has no item ${index} in ${JSON.stringify(items)}`);
    return chosen;
  },
  "Fn::Sub": substitute,
  "Fn::If": (argument, scope) => {
    const [condition, whenTrue, whenFalse] = argument as [string, unknown, unknown];
    return resolve(scope.condition(condition) ? whenTrue : whenFalse, scope);
  },
  "Fn::Equals": (argument, scope) => {
    const [left, right] = list(argument, scope);
    return JSON.stringify(left) === JSON.stringify(right);
  },
  "Fn::And": (argument, scope) => (argument as unknown[]).every((item) => holds(item, scope)),
  "Fn::Or": (argument, scope) => (argument as unknown[]).some((item) => holds(item, scope)),
  "Fn::Not": (argument, scope) => !holds((argument as unknown[])[0], scope),
  "Fn::Base64": (argument, scope) => Buffer.from(String(resolve(argument, scope))).toString("base64"),
  "Fn::ImportValue": (argument, scope) => scope.imported(String(resolve(argument, scope))),
  "Fn::FindInMap": (argument, scope) => {
    const [mapping, top, second] = list(argument, scope).map(String);
    return scope.mapped(mapping ?? "", top ?? "", second ?? "");
  },
};

const list = (argument: unknown, scope: Scope): unknown[] => resolve(argument, scope) as unknown[];

function substitute(argument: unknown, scope: Scope): string {
  const [text, variables] = Array.isArray(argument) ? [String(argument[0]), argument[1] as Node] : [String(argument), {} as Node];
  return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (whole, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return String(resolve(variables[name], scope));
    const dot = name.indexOf(".");
    const value = dot < 0 ? scope.ref(name) : scope.attribute(name.slice(0, dot), name.slice(dot + 1));
    if (value === undefined) throw new Error(`Fn::Sub cannot fill ${whole}`);
    return String(value);
  });
}
