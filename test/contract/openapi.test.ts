import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { type Answer, answers } from "../../contract/answers.ts";
import { answerExamples, requestExamples } from "../../contract/examples.ts";
import { openApiDocument } from "../../contract/openapi.ts";
import { parse } from "../../contract/parse.ts";
import type { RouteEntry } from "../../contract/route.ts";
import { type OperationId, routes, routeTable } from "../../contract/routes.ts";
import { applyPatch } from "../../contract/update.ts";
import { create } from "./bodies.ts";

// biome-ignore lint/suspicious/noExplicitAny: the document is read by path
const document: any = JSON.parse(JSON.stringify(openApiDocument("1.2.3")));

/** Every text under this key, wherever it stands. */
function* textsOf(wanted: "$ref" | "pattern", value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === wanted && typeof child === "string") yield child;
    else yield* textsOf(wanted, child);
  }
}

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
    expect(document.info.version).toBe("1.2.3");
  });

  it("describes every route of the table and no other", () => {
    const described = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(routes.map(({ operation_id, method, path }) => `${operation_id} ${method} ${path}`).sort());
  });

  it("refers only to what it holds", () => {
    const references = [...new Set(textsOf("$ref", document))];
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) {
      const found = reference
        .slice(2)
        .split("/")
        .reduce((value, name) => value?.[name], document);
      expect(found, reference).toBeTypeOf("object");
    }
  });

  it("has patterns without the classes of Unicode, which not every language that reads it knows", () => {
    const patterns = [...new Set(textsOf("pattern", document))];
    expect(patterns.length).toBeGreaterThan(10);
    expect(patterns.filter((pattern) => /\\[pP]\{/.test(pattern))).toEqual([]);
  });

  it("asks for sign-in everywhere but where the table says not to", () => {
    for (const { path, method, policy } of routes) {
      const { security } = document.paths[path][method.toLowerCase()];
      const open = "signature" in policy ? [{ webhookSignature: [] }] : [];
      expect(security).toEqual("signIn" in policy ? open : undefined);
    }
    expect(document.security).toEqual([{ signIn: [] }]);
  });

  it("tells the answer that API Gateway gives to a request without a valid token, where one is needed", () => {
    for (const { path, method, policy } of routes) {
      const { responses } = document.paths[path][method.toLowerCase()];
      expect(responses["401"]).toEqual("signIn" in policy ? undefined : { $ref: "#/components/responses/NotSignedIn" });
    }
    expect(document.components.responses.NotSignedIn.content["application/json"].example).toEqual({ message: "Unauthorized" });
  });

  it("lets a patch leave out anything, and null anything", () => {
    const { schema } = document.paths["/v1/deployments/{id}"].patch.requestBody.content["application/merge-patch+json"];
    expect(schema).not.toHaveProperty("required");
    expect(Object.keys(schema.properties)).not.toEqual(expect.arrayContaining(["group"]));
    expect(schema.properties.description.anyOf).toContainEqual({ type: "null" });
    const model = schema.properties.predictor.anyOf[0].properties.model.anyOf[0];
    expect(model).not.toHaveProperty("required");
  });

  it("says parameters as they are meant", () => {
    const { parameters } = document.paths["/v1/deployments"].get;
    expect(parameters[0]).toEqual({
      name: "limit",
      in: "query",
      required: false,
      schema: { type: "integer", minimum: 1, maximum: 100, default: 50 },
    });
    const names = document.paths["/v1/deployments"].post.parameters.map((one: { name: string }) => one.name);
    expect(names).toEqual(["wait", "dry_run", "Idempotency-Key"]);
  });
});

describe("examples", () => {
  it.each(Object.entries(requestExamples))("of %s are accepted", (id, example) => {
    const { body } = routeTable[id as OperationId] as RouteEntry;
    if (!body) throw new Error(`${id} takes no body`);
    parse(body, example, "body");
  });

  it("of a create come back as they are answered", () => {
    const answered: Answer<"Specification"> = create(requestExamples.createDeployment).specification;
    expect(answers.Specification.parse(answered)).toEqual(answered);
    expect(
      answers.Specification.safeParse({ ...answered, predictor: { ...answered.predictor, env: [{ name: "K", value: "v", secret: true }] } })
        .success,
    ).toBe(false);
  });

  it("of an update fit the example of a create", () => {
    const { specification } = create(requestExamples.createDeployment);
    const update = applyPatch(specification, requestExamples.updateDeployment as Record<string, unknown>);
    expect(update).toMatchObject({ changed: true, kept_secrets: { predictor: ["API_KEY"] } });
  });

  it.each(Object.entries(answerExamples))("of %s are what is answered", (name, example) => {
    answers[name as keyof typeof answers].parse(example);
  });
});
