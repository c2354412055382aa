import { expect, it } from "vitest";
import { problemDocument, problems } from "../../contract/problems.ts";
import { Problem, problemCodes } from "../../domain/errors.ts";

it.each(problemCodes)("%s is a problem document", (code) => {
  const document = problemDocument(new Problem(code, "what was wrong. What to do"), "request-1");
  expect(document).toEqual({
    type: `urn:slipway:problem:${code}`,
    code,
    title: problems[code].title,
    status: problems[code].status,
    detail: "what was wrong. What to do",
    request_id: "request-1",
  });
  expect(document.status).toBeGreaterThanOrEqual(400);
});

it("carries errors and members", () => {
  const errors = [{ path: "group", message: "missing" }];
  expect(problemDocument(new Problem("invalid-input", "d", { errors, members: { hint: 1 } }), "r")).toMatchObject({ errors, hint: 1 });
});

it("keeps the HTTP status apart from the deployment's", () => {
  const problem = new Problem("not-allowed-in-status", "d", {
    members: { status: "STOPPED", allowed: ["start"], code: "forged", type: "forged" },
  });
  expect(problemDocument(problem, "r")).toMatchObject({
    status: 409,
    deployment_status: "STOPPED",
    allowed: ["start"],
    code: "not-allowed-in-status",
    type: "urn:slipway:problem:not-allowed-in-status",
  });
});
