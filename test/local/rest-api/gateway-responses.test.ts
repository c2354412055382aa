import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRestApi } from "../../../local/rest-api/start.ts";
import { method, optionsOf, path, resource, root, ServedApi } from "./served.ts";

const response = (ResponseType: string, more: object) => ({
  Type: "AWS::ApiGateway::GatewayResponse",
  Properties: { RestApiId: { Ref: "Api" }, ResponseType, ...more },
});
const resources = {
  Top: resource(root, "top"),
  Id: resource({ Ref: "Top" }, "{id}"),
  AtId: method("Id", "/{id}", path("id")),
};

describe("what API Gateway answers itself", () => {
  let api: ServedApi;
  beforeAll(async () => {
    api = await ServedApi.start({
      ...resources,
      Missing: response("MISSING_AUTHENTICATION_TOKEN", {
        StatusCode: "404",
        ResponseParameters: {
          "gatewayresponse.header.WWW-Authenticate": `'Basic realm="slipway"'`,
          "gatewayresponse.header.X-Asked": "method.request.header.x-asking",
          "gatewayresponse.header.X-Request": "context.requestId",
        },
        ResponseTemplates: {
          "application/json": '{"said": $context.error.messageString, "type": "$context.error.responseType", "for": "$5.00"}',
          "text/plain": `\${context.error.message}: $method.request.header.x-asking`,
        },
      }),
      Broken: response("DEFAULT_5XX", { StatusCode: "503", ResponseParameters: { "gatewayresponse.header.Retry-After": "'1'" } }),
    });
    api.serve = (request) => request.socket.destroy();
  });
  afterAll(() => api.stop());

  it("has the status, headers and body that the template gives it", async () => {
    const answer = await api.fetch("/top/x/y", { headers: { "x-asking": "me" } });
    const names = ["www-authenticate", "x-asked", "content-type", "x-amzn-errortype"];
    expect([answer.status, ...names.map((name) => answer.headers.get(name))]).toEqual([
      ...[404, 'Basic realm="slipway"', "me", "application/json", "MissingAuthenticationTokenException"],
    ]);
    expect(answer.headers.get("x-request")).toBe(answer.headers.get("x-amzn-requestid"));
    expect(await answer.json()).toEqual({ said: "Missing Authentication Token", type: "MISSING_AUTHENTICATION_TOKEN", for: "$5.00" });
  });

  it("has the body that the caller would take", async () => {
    const answer = await api.fetch("/top/x/y", { headers: { accept: "text/html, text/plain;q=0.5", "x-asking": "me" } });
    expect([answer.headers.get("content-type"), await answer.text()]).toEqual(["text/plain", "Missing Authentication Token: me"]);
  });

  it("is what all of its class are where it is not customized, with the standard body", async () => {
    const answer = await api.fetch("/top/x");
    expect([answer.status, answer.headers.get("retry-after"), await answer.text()]).toEqual([
      ...[503, "1", '{"message":"Network error communicating with endpoint"}'],
    ]);
  });
});

it("a customization that is not carried out is refused at the start, by path", () => {
  const refused = (odd: object) => () => startRestApi(optionsOf({ ...resources, Odd: odd }));
  expect(refused(response("TEAPOT", {}))).toThrow("App/Odd: TEAPOT is no type of a gateway response");
  const parameter = { ResponseParameters: { "gatewayresponse.path.x": "'1'" } };
  expect(refused(response("UNAUTHORIZED", parameter))).toThrow("does not carry out the mapping gatewayresponse.path.x = '1'");
});
