import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { LogLine } from "../../../local/aws/logs/store.ts";
import type { InvocationResult } from "../../../local/aws/service.ts";
import { type FrontDoor, openFrontDoor } from "../../../local/front-door.ts";
import { Permissions } from "../../../local/iam/permissions.ts";
import { Roles } from "../../../local/iam/roles.ts";
import { startRestApi } from "../../../local/rest-api/start.ts";
import { templateOf } from "../template-of.ts";

type Template = Record<string, object>;

/** A REST API of a template, before a gateway that says what has come to it. */
export class ServedApi {
  /** What the gateway does with a request. */
  serve: (request: IncomingMessage, response: ServerResponse) => void = tell;
  /** What the authorizer's function answers. */
  // biome-ignore lint/suspicious/noExplicitAny: an event as the function sees it
  authorize: (event: any) => Promise<InvocationResult> = () => Promise.reject(new Error("not to be asked"));
  /** Lines of the access log as they were kept. */
  readonly lines: LogLine[] = [];
  readonly places = new Set<string>();
  readonly api: ReturnType<typeof startRestApi>;
  private readonly gateway: Server;
  private readonly door: FrontDoor;

  static async start(resources: Template): Promise<ServedApi> {
    const served: { api?: ServedApi } = {};
    const gateway = createServer((request, response) => served.api?.serve(request, response)).listen(0, "127.0.0.1");
    await once(gateway, "listening");
    served.api = new ServedApi(resources, gateway, await openFrontDoor(0));
    return served.api;
  }

  private constructor(resources: Template, gateway: Server, door: FrontDoor) {
    this.gateway = gateway;
    this.door = door;
    this.api = startRestApi({
      ...optionsOf(resources),
      gateway: { placeholder: "http://gateway.invalid", url: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}` },
      invoke: (_function, event) => this.authorize(event),
      keepLines: (group, stream, lines) => {
        this.places.add(`${group} ${stream}`);
        this.lines.push(...lines);
      },
    });
    for (const prefix of this.api.prefixes) door.open(prefix, this.api.handle);
  }

  url(at: string): string {
    return `http://127.0.0.1:${this.door.port}${at}`;
  }

  fetch(at: string, init?: RequestInit): Promise<Response> {
    return fetch(this.url(at), init);
  }

  /** What the gateway saw. */
  // biome-ignore lint/suspicious/noExplicitAny: method, url and headers
  async seen(at: string, init?: RequestInit): Promise<any> {
    return (await this.fetch(at, init)).json();
  }

  async stop(): Promise<void> {
    this.api.stop();
    await this.door.close();
    this.gateway.closeAllConnections();
    this.gateway.close();
  }
}

export function optionsOf(resources: Template) {
  const application = templateOf({ Api: { Type: "AWS::ApiGateway::RestApi" }, ...resources });
  return {
    ...{ application, permissions: new Permissions(application), roles: new Roles(application) },
    gateway: { placeholder: "http://gateway.invalid", url: "http://127.0.0.1:1" },
    invoke: () => Promise.reject(new Error("not to be asked")),
    keepLines: () => {},
  };
}

export const tell = ({ method, url, headers }: IncomingMessage, response: ServerResponse): void =>
  void response.end(JSON.stringify({ method, url, headers }));

export const method = (resource: string, uri: string, parameters: object, more: object = { AuthorizationType: "NONE" }) => ({
  Type: "AWS::ApiGateway::Method",
  Properties: {
    ...{ RestApiId: { Ref: "Api" }, ResourceId: { Ref: resource }, HttpMethod: "ANY", ...more },
    Integration: {
      Type: "HTTP_PROXY",
      IntegrationHttpMethod: "ANY",
      Uri: `http://gateway.invalid${uri}`,
      TimeoutInMillis: 400,
      ResponseTransferMode: "STREAM",
      RequestParameters: parameters,
    },
  },
});

export const resource = (ParentId: object, PathPart: string) => ({
  Type: "AWS::ApiGateway::Resource",
  Properties: { RestApiId: { Ref: "Api" }, ParentId, PathPart },
});
export const root = { "Fn::GetAtt": ["Api", "RootResourceId"] };

export const path = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`integration.request.path.${name}`, `method.request.path.${name}`]));
