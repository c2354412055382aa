import { describe, expect, it } from "vitest";
import { routes } from "../../contract/routes.ts";
import type { ApiRoute } from "../../lib/http-api.ts";
import { configured, constructOf, synthesize, type TemplateResource } from "./synthesized.ts";

const synthesized = synthesize();

describe("the API", () => {
  const templateRoutes = synthesized.ofType("AWS::ApiGatewayV2::Route").map(([, resource]) => resource.Properties);

  it("has a route for every entry of the contract, to the function that it names, and one for what is no route", () => {
    const target = ({ Target }: (typeof templateRoutes)[number]): string => {
      const integration = synthesized.resources[Target["Fn::Join"][1][1].Ref] as TemplateResource;
      return constructOf(synthesized.resources[integration.Properties.IntegrationUri["Fn::GetAtt"][0]] as TemplateResource);
    };
    const found = templateRoutes.map((route) => [route.RouteKey, target(route)]);
    const promised = [...routes.map((route) => [`${route.method} ${route.path}`, route.function]), ["$default", "DescribeApi"]];
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(promised));
    expect(found).toHaveLength(promised.length);
  });

  it("asks everybody to sign in, but where the contract says otherwise", () => {
    const open = templateRoutes.filter(({ AuthorizationType }) => AuthorizationType !== "JWT").map(({ RouteKey }) => RouteKey);
    const promised = routes.filter(({ policy }) => !("role" in policy)).map(({ method, path }) => `${method} ${path}`);
    expect(open.sort()).toEqual([...promised, "$default"].sort());
    for (const { AuthorizationType, AuthorizerId } of templateRoutes) expect(AuthorizationType === "JWT").toBe(AuthorizerId !== undefined);
  });

  it("takes tokens of the configured issuer and audience only", () => {
    const [[, authorizer]] = synthesized.ofType("AWS::ApiGatewayV2::Authorizer") as [[string, TemplateResource]];
    expect(authorizer.Properties).toMatchObject({
      AuthorizerType: "JWT",
      IdentitySource: ["$request.header.Authorization"],
      JwtConfiguration: { Audience: ["slipway"], Issuer: "https://sign-in.example.com" },
    });
  });

  it("is not built with a route that nobody decided about", () => {
    const unguarded = { operation_id: "leak", method: "GET", path: "/v1/leak", function: "ReadRecord" } as unknown as ApiRoute;
    expect(() => synthesize({ apiRoutes: [...routes, unguarded] })).toThrow("routes without a policy: leak (GET /v1/leak)");
  });

  it("keeps an access log and bounds the rate of requests, without metrics billed per route", () => {
    const [[, stage]] = synthesized.ofType("AWS::ApiGatewayV2::Stage") as [[string, TemplateResource]];
    expect(stage.Properties).toMatchObject({ StageName: "$default", AutoDeploy: true });
    expect(stage.Properties.AccessLogSettings.DestinationArn).toBeDefined();
    expect(stage.Properties.DefaultRouteSettings).toMatchObject({ DetailedMetricsEnabled: false, ThrottlingRateLimit: 100 });
  });
});

describe("endpoints", () => {
  const methodsOf = (from: typeof synthesized) => from.ofType("AWS::ApiGateway::Method").map(([, { Properties }]) => Properties);

  it("pass the path on as it came, streaming the answer, on both ways", () => {
    const integrations = methodsOf(synthesized).map(({ HttpMethod, Integration }) => ({ HttpMethod, ...Integration }));
    expect(integrations.map(({ Uri }) => Uri).sort()).toEqual([
      "http://gateway.example.com/endpoints/{id}",
      "http://gateway.example.com/endpoints/{id}",
      "http://gateway.example.com/endpoints/{id}/{path}",
      "http://gateway.example.com/endpoints/{id}/{path}",
    ]);
    for (const integration of integrations) {
      expect(integration).toMatchObject({ HttpMethod: "ANY", Type: "HTTP_PROXY", ResponseTransferMode: "STREAM" });
      expect(integration.RequestParameters["integration.request.path.id"]).toBe("method.request.path.id");
    }
  });

  const wayOf = ({ ResourceId }: { ResourceId: { Ref: string } }): string => {
    const { PathPart, ParentId } = (synthesized.resources[ResourceId.Ref] as TemplateResource).Properties;
    return ParentId.Ref === undefined ? PathPart : wayOf({ ResourceId: ParentId });
  };

  it("say themselves who is asking, whatever the caller says: nobody on the public way, a client on the private one", () => {
    const said = methodsOf(synthesized).map((method) => {
      const {
        "integration.request.path.id": _id,
        "integration.request.path.path": _path,
        ...headers
      } = method.Integration.RequestParameters;
      return [wayOf(method), method.AuthorizationType, headers];
    });
    const nobody = ["endpoints", "NONE", { [front("Access")]: "'public'", [asker]: "'anonymous'" }];
    const client = {
      [front("Access")]: "'client'",
      [front("Deployment")]: "context.authorizer.deployment",
      [asker]: "context.authorizer.client",
    };
    const known = ["private-endpoints", "CUSTOM", client];
    expect(said.toSorted()).toEqual([nobody, nobody, known, known]);
  });
  const front = (what: string) => `integration.request.header.X-Slipway-${what}`;
  const asker = "integration.request.header.X-Forwarded-User";

  it("ask AuthorizeClient about each request of the private way, and keep no answer of it", () => {
    const [[id, { Properties }]] = synthesized.ofType("AWS::ApiGateway::Authorizer") as [[string, TemplateResource]];
    expect(Properties).toMatchObject({
      ...{ Type: "REQUEST", AuthorizerResultTtlInSeconds: 0, IdentitySource: "method.request.header.Authorization" },
    });
    expect(JSON.stringify(Properties.AuthorizerUri)).toContain("AuthorizeClient");
    const guarded = methodsOf(synthesized).filter(({ AuthorizationType }) => AuthorizationType === "CUSTOM");
    for (const { AuthorizerId } of guarded) expect(AuthorizerId).toEqual({ Ref: id });
  });

  it("tell who is refused how to ask", () => {
    const responses = synthesized.ofType("AWS::ApiGateway::GatewayResponse").map(([, { Properties }]) => Properties);
    expect(responses.map(({ ResponseType }) => ResponseType).sort()).toEqual(["ACCESS_DENIED", "UNAUTHORIZED"]);
    for (const { ResponseParameters, ResponseTemplates } of responses) {
      expect(ResponseParameters).toEqual({ "gatewayresponse.header.WWW-Authenticate": `'Basic realm="slipway"'` });
      expect(JSON.parse(ResponseTemplates["application/json"]).message).toContain("name and token");
    }
  });

  it("are logged by deployment and client, and found by deployment without reading all", () => {
    const [[, stage]] = synthesized.ofType("AWS::ApiGateway::Stage") as [[string, TemplateResource]];
    const { Format, DestinationArn } = stage.Properties.AccessLogSetting;
    expect(JSON.parse(Format)).toMatchObject({
      ...{ status: "$context.status", latency: "$context.responseLatency", requestTimeEpoch: "$context.requestTimeEpoch" },
      ...{ deployment: "$context.authorizer.deployment", client: "$context.authorizer.client", error: "$context.error.message" },
    });
    const group = synthesized.resources[DestinationArn["Fn::GetAtt"][0]] as TemplateResource;
    expect(group.Properties.FieldIndexPolicies).toEqual([{ Fields: ["deployment"] }]);
  });

  it("are deployed anew with all that a deployment holds", () => {
    const [[, deployment]] = synthesized.ofType("AWS::ApiGateway::Deployment") as [[string, TemplateResource & { DependsOn: string[] }]];
    const held = ["Method", "Authorizer", "GatewayResponse"].flatMap((type) => synthesized.ofType(`AWS::ApiGateway::${type}`));
    expect(deployment.DependsOn).toEqual(expect.arrayContaining(held.map(([id]) => id)));
  });

  it("reach the gateway privately where a VPC link is configured", () => {
    const listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/net/slipway/50dc6c495c0c9188/0467ef3c8400ae65";
    const behindLink = synthesize({
      configuration: configured((given) => {
        given.endpoints.vpc_link = {
          subnet_ids: ["subnet-0a1b2c3d", "subnet-4e5f6a7b"],
          security_group_ids: ["sg-0a1b2c3d"],
          listener_arn,
        };
      }),
    });
    const [[link]] = behindLink.ofType("AWS::ApiGatewayV2::VpcLink") as [[string, TemplateResource]];
    expect(methodsOf(behindLink)).toHaveLength(4);
    for (const { Integration } of methodsOf(behindLink)) {
      expect(Integration).toMatchObject({ ConnectionType: "VPC_LINK", ConnectionId: { Ref: link }, IntegrationTarget: listener_arn });
    }
  });

  it("give people the configured address, else the API's own", () => {
    const given = (from: typeof synthesized) => {
      const change = from.ofType("AWS::Lambda::Function").find(([, resource]) => constructOf(resource) === "ChangeRecord");
      return change?.[1].Properties.Environment.Variables.ENDPOINT_BASE_URL;
    };
    const named = synthesize({
      configuration: configured((configuration) => {
        configuration.endpoints.base_url = "https://models.example.com";
      }),
    });
    expect(given(named)).toBe("https://models.example.com");
    expect(JSON.stringify(given(synthesized))).toMatch(/https:.*\.execute-api\..*DeploymentStagelive/);
  });
});
