import { describe, expect, it } from "vitest";
import { openApiDocument } from "../../contract/openapi.ts";
import { unknownRoute } from "../../lambdas/api/unknown-route.ts";

const unknown = unknownRoute(JSON.stringify(openApiDocument("1.2.3")));

describe("a method and path that no route takes", () => {
  it.each([
    ["PUT", "/v1/deployments", "/v1/deployments does not take PUT: it takes GET, POST"],
    ["POST", "/v1/deployments/iris/state", "/v1/deployments/iris/state does not take POST: it takes GET"],
    ["GET", "/v1/deployments/", "there is no route GET /v1/deployments/. GET /v1/openapi.json lists what there is"],
    ["GET", "/v2", "there is no route GET /v2. GET /v1/openapi.json lists what there is"],
  ])("%s %s", (method, path, message) => {
    expect(unknown(method, path)).toMatchObject({ code: "not-found", message });
  });
});
