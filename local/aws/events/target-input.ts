export interface TargetInput {
  Input?: string;
  InputPath?: string;
  InputTransformer?: { InputPathsMap?: Record<string, string>; InputTemplate: string };
}

/** What a rule's target is given of an event. */
export function targetInput({ Input, InputPath, InputTransformer }: TargetInput, event: object): unknown {
  if (Input !== undefined) return JSON.parse(Input);
  if (InputPath !== undefined) return valueAt(event, InputPath);
  if (InputTransformer === undefined) return event;
  const values = Object.fromEntries(
    Object.entries(InputTransformer.InputPathsMap ?? {}).map(([name, path]) => [name, valueAt(event, path)]),
  );
  return JSON.parse(fill(InputTransformer.InputTemplate, values));
}

/** `<name>` inside quotes is put in as text, outside as JSON. */
function fill(template: string, values: Record<string, unknown>): string {
  let inText = false;
  return template.replaceAll(/"|<([\w.-]+)>/g, (whole, name: string | undefined, offset: number) => {
    if (whole === '"') {
      if (template[offset - 1] !== "\\") inText = !inText;
      return whole;
    }
    const value = values[name ?? ""];
    if (value === undefined) return inText ? "" : "null";
    return inText ? JSON.stringify(typeof value === "string" ? value : JSON.stringify(value)).slice(1, -1) : JSON.stringify(value);
  });
}

/** The dotted paths of rules: `$.detail.status`. */
function valueAt(event: unknown, path: string): unknown {
  let value = event;
  for (const name of path
    .replace(/^\$\.?/, "")
    .split(".")
    .filter(Boolean))
    value = (value as Record<string, unknown> | undefined)?.[name];
  return value;
}
