// cspell:ignore nmae vlaue
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyPatch } from "../../contract/update.ts";
import { Problem } from "../../domain/errors.ts";
import { create, pathsOf, withPredictor } from "./bodies.ts";

const canary = "CANARY-9f2c";
const withEnv = (env: unknown) => withPredictor({ env });
const name = fc.stringMatching(/^[-._a-zA-Z][-._a-zA-Z0-9]{0,20}$/).filter((text) => text !== "__proto__");
const variables = fc.uniqueArray(fc.record({ name, value: fc.string(), secret: fc.boolean() }), {
  selector: (one) => one.name,
  maxLength: 8,
});
const wellFormed = (env: { value: string }[]) => env.every(({ value }) => value.isWellFormed() && !value.includes("\u0000"));

describe("environment variables", () => {
  it("go to the specification, secret values apart, and nothing is lost", () => {
    fc.assert(
      fc.property(variables.filter(wellFormed), (env) => {
        const { specification, secret_values } = create(withEnv(env));
        expect(specification.predictor.env).toEqual(
          env.map((one) => (one.secret ? { name: one.name, secret: true } : { name: one.name, value: one.value })),
        );
        expect(secret_values.predictor).toEqual(Object.fromEntries(env.filter((one) => one.secret).map((one) => [one.name, one.value])));
      }),
    );
  });

  it("never leave a secret value in a specification", () => {
    fc.assert(
      fc.property(variables.filter(wellFormed), (env) => {
        const marked = env.map((one) => (one.secret ? { ...one, value: canary + one.value } : one));
        expect(JSON.stringify(create(withEnv(marked)).specification)).not.toContain(canary);
      }),
    );
  });

  it.each<[unknown, string]>([
    [[{ name: "1A", value: "x" }], "predictor.env.0.name"],
    [[{ name: "A B", value: "x" }], "predictor.env.0.name"],
    [[{ name: "", value: "x" }], "predictor.env.0.name"],
    [[{ name: "__proto__", value: "x" }], "predictor.env.0.name"],
    [[{ name: "A" }], "predictor.env.0.value"],
    [[{ name: "A", secret: false }], "predictor.env.0.value"],
    [[{ name: "A", secret: true }], "predictor.env.0.value"],
    [[{ name: "A", value: 5 }], "predictor.env.0.value"],
    [[{ name: "A", value: "a\u0000b" }], "predictor.env.0.value"],
    [[{ name: "A", value: "a".repeat(16_385) }], "predictor.env.0.value"],
    [[{ name: "A", value: "x", valueFrom: {} }], "predictor.env.0.valueFrom"],
    [
      [
        { name: "A", value: "x" },
        { name: "A", value: "y", secret: true },
      ],
      "predictor.env.1.name",
    ],
    [{ A: "x" }, "predictor.env"],
    [Array.from({ length: 101 }, (_, i) => ({ name: `A${i}`, value: "" })), "predictor.env"],
  ])("%j are refused at %s", (env, path) => expect(pathsOf(() => create(withEnv(env)))).toEqual([path]));
});

describe("a refused request", () => {
  const bodies: unknown[] = [
    withEnv([{ name: "K", value: canary, secret: "yes" }]),
    withEnv([{ name: "K", value: { text: canary } }]),
    withEnv([{ name: "K", value: [canary], secret: true }]),
    withEnv([{ name: `${canary} with a blank`, value: "K", secret: true }]),
    withEnv([{ nmae: "K", vlaue: canary, secret: true }]),
    withEnv([canary]),
    withEnv(canary),
    withEnv({ K: canary }),
    withEnv([{ name: "K", value: canary.repeat(4000), secret: true }]),
    withEnv([{ name: "K", value: `${canary}\u0000`, secret: true }]),
    withPredictor({ secrets: { K: canary } }),
    withPredictor({ environment: [{ name: "K", value: canary }] }),
    withPredictor({ model_uri: `https://user:${canary}@models.example/a` }),
    withPredictor({ model_uri: `https://models.example/a?signature=${canary}` }),
    withPredictor({ image: `user:pw//${canary}@registry.example/a` }),
    { ...withEnv([{ name: "K", value: canary, secret: true }]), group: "NOT A GROUP" },
    {
      predictor: withEnv([{ name: "K", value: canary }]).predictor,
      smoke_tests: [{ name: "t", path: "/", headers: { Authorization: canary } }],
    },
  ];

  it.each(bodies.map((body, index) => [index, body]))("(%i) repeats no secret", (_index, body) => {
    try {
      create(body);
    } catch (error) {
      expect(error).toBeInstanceOf(Problem);
      const { message, errors, members, stack } = error as Problem;
      expect(JSON.stringify({ message, errors, members, stack })).not.toContain(canary);
      return;
    }
    throw new Error("this body was meant to be refused");
  });
});

describe("a secret in an update", () => {
  const stored = create(
    withEnv([
      { name: "KEY", value: canary, secret: true },
      { name: "LEVEL", value: "info" },
    ]),
  ).specification;

  it("keeps its value when it is not spoken of", () => {
    expect(applyPatch(stored, { description: "new" })).toMatchObject({
      secret_values: { predictor: {}, transformer: {} },
      kept_secrets: { predictor: ["KEY"], transformer: [] },
      changed: true,
    });
  });

  it("keeps its value when named without one", () => {
    const update = applyPatch(stored, { predictor: { env: [{ name: "KEY", secret: true }] } });
    expect(update.kept_secrets.predictor).toEqual(["KEY"]);
    expect(update.specification.predictor.env).toEqual([{ name: "KEY", secret: true }]);
  });

  it("takes a new value, which alone makes a new revision", () => {
    const env = [
      { name: "KEY", value: "next", secret: true },
      { name: "LEVEL", value: "info" },
    ];
    const update = applyPatch(stored, { predictor: { env } });
    expect(update).toMatchObject({ secret_values: { predictor: { KEY: "next" } }, kept_secrets: { predictor: [] }, changed: true });
    expect(update.specification.predictor.env).toEqual(stored.predictor.env);
  });

  it("is gone when it is left out, or the variables are set back", () => {
    expect(applyPatch(stored, { predictor: { env: [{ name: "LEVEL", value: "info" }] } }).kept_secrets.predictor).toEqual([]);
    expect(applyPatch(stored, { predictor: { env: null } }).specification.predictor.env).toEqual([]);
  });

  it.each(["OTHER", "LEVEL"])("cannot keep a value that there is none of: %s", (name) => {
    expect(pathsOf(() => applyPatch(stored, { predictor: { env: [{ name, secret: true }] } }))).toEqual(["predictor.env.0.value"]);
  });
});
