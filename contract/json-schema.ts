import * as z from "zod/mini";

/** JSON Schema 2020-12, which OpenAPI 3.1 uses as it is. */
export interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  anyOf?: JsonSchema[];
  additionalProperties?: unknown;
  default?: unknown;
  [keyword: string]: unknown;
}

const options = { target: "draft-2020-12", unrepresentable: "any", reused: "inline" } as const;

/** What may be sent (`input`), or what a parameter means once its text is read (`output`). */
export function jsonSchema(schema: z.core.$ZodType, io: "input" | "output"): JsonSchema {
  return withoutDialect(z.toJSONSchema(schema, { ...options, io, override: saySomething }) as JsonSchema);
}

/** Schemas of answers by name; one that holds another refers to it under `#/components/schemas/`. */
export function namedSchemas(schemas: Readonly<Record<string, z.core.$ZodType>>): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const named = z.toJSONSchema(registry, { ...options, io: "output", uri: (id) => `#/components/schemas/${id}`, override: leaveOpen });
  return Object.fromEntries(Object.entries(named.schemas).map(([id, schema]) => [id, withoutDialect(schema as JsonSchema)]));
}

/** What a merge patch may hold: every field may be left out, and null puts it back to its default. Arrays are replaced whole. */
export function mergePatchSchema(schema: JsonSchema): JsonSchema {
  const { required: _required, default: _default, ...rest } = schema;
  return {
    ...rest,
    ...(rest.anyOf ? { anyOf: rest.anyOf.map(mergePatchSchema) } : {}),
    ...(rest.properties
      ? { properties: Object.fromEntries(Object.entries(rest.properties).map(([name, field]) => [name, orNull(mergePatchSchema(field))])) }
      : {}),
  };
}

function orNull(schema: JsonSchema): JsonSchema {
  const { type } = schema as { type?: string | string[] };
  if ([type].flat().includes("null") || schema.anyOf?.some((one) => one.type === "null")) return schema;
  return schema.anyOf ? { ...schema, anyOf: [...schema.anyOf, { type: "null" }] } : { anyOf: [schema, { type: "null" }] };
}

function withoutDialect({ $schema: _schema, $id: _id, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

interface Visited {
  jsonSchema: z.core.JSONSchema.BaseSchema;
}

/** The bounds of a safe integer come with every whole number, a long pattern with every time: neither says anything to a reader. */
function saySomething({ jsonSchema: schema }: Visited): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.format === "date-time") delete schema.pattern;
}

/** Answers may grow: a client must not refuse a field that it does not know. */
function leaveOpen(visited: Visited): void {
  saySomething(visited);
  if (visited.jsonSchema.additionalProperties === false) delete visited.jsonSchema.additionalProperties;
}
