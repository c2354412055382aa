import { expect, it } from "vitest";
import { errorWords } from "../../lambdas/smoke-test/error-words.ts";

/** As these servers have answered, but for the lengths. */
it.each([
  [
    "KServe 0.21 of a model that it does not have",
    '{"error":"Model with name none does not exist."}',
    "Model with name none does not exist.",
  ],
  [
    "MLServer 1.7.1 of a wrong shape",
    '{"error":"builtins.ValueError: X has 3 features, but LogisticRegression is expecting 4 features as input."}',
    "builtins.ValueError: X has 3 features, but LogisticRegression is expecting 4 features as input.",
  ],
  ["Triton 2.51 of a model that is not loaded", '{"error":"Model version not ready"}', "Model version not ready"],
  [
    "a lengthy error, of which the first line says it",
    '{"error":"Expected 2D array, got scalar array instead:\\narray=None.\\nReshape your data"}',
    "Expected 2D array, got scalar array instead:",
  ],
  ["FastAPI of what there is not", '{"detail":"Not Found"}', "Not Found"],
  ["FastAPI of a wrong body", '{"detail":[{"type":"missing","loc":["body","inputs"],"msg":"Field required"}]}', "Field required"],
  [
    "OpenAI's API",
    '{"error":{"message":"The model `x` does not exist.","type":"NotFoundError","code":404}}',
    "The model `x` does not exist.",
  ],
  ["others", '{"code":503,"message":"Model is loading"}', "Model is loading"],
  ["a secret that has a form of its own", '{"error":"401 for token=abcdef0123456789"}', "401 for token=[masked]"],
])("tells what is wrong in the words of %s", (_, body, words) => expect(errorWords(body)).toBe(`: ${words}`));

it.each(["", "Internal Server Error", "null", "[]", '"text"', '{"error":7}', '{"error":""}', JSON.stringify({ error: "x".repeat(301) })])(
  "says nothing of %j",
  (body) => expect(errorWords(body)).toBe(""),
);
