import { Agent, type IncomingMessage, type ServerResponse } from "node:http";
import { matchPath } from "../http-api/routes.ts";
import type { Application } from "../template/application.ts";
import { type KeepLines, readAccessLog } from "./access-log.ts";
import { type AuthorizerSurroundings, readAuthorizers } from "./authorizer.ts";
import { Exchange } from "./exchange.ts";
import { GatewayResponses } from "./gateway-responses.ts";
import { type PassingMethod, readMethods } from "./methods.ts";
import { passOn } from "./pass-on.ts";
import { readStage } from "./stage.ts";

export interface RestApiOptions extends AuthorizerSurroundings {
  application: Application;
  /** Address that stands in the template for the cluster's gateway, and where that gateway is here. */
  gateway: { placeholder: string; url: string };
  /** Takes the lines of the access log. */
  keepLines: KeepLines;
}

/** Serves the REST API of the template: asks its authorizers, and passes requests on to the gateway. */
export function startRestApi({ application, gateway, keepLines, ...surroundings }: RestApiOptions) {
  const stage = readStage(application);
  const authorizers = readAuthorizers(application, stage, surroundings);
  const methods = readMethods(application, { stage, authorizers, gateway });
  const responses = new GatewayResponses(application);
  const log = readAccessLog(application, stage, surroundings.roles, keepLines);
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  const open = new Set<Exchange>();
  let stopped = false;

  const begin = (request: IncomingMessage, response: ServerResponse): Exchange => {
    const exchange = new Exchange(stage, request, response);
    open.add(exchange);
    response.once("close", () => end(exchange));
    return exchange;
  };
  const end = (exchange: Exchange): void => {
    if (!open.delete(exchange)) return;
    exchange.end();
    log?.record(exchange);
  };
  return {
    /** First path segments that belong to this API. */
    prefixes: [...new Set(methods.map(({ segments }) => segments[0] ?? ""))],
    handle: async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      if (stopped) return void response.destroy();
      const exchange = begin(request, response);
      const method = match(methods, exchange);
      // API Gateway answers so for a path that no resource has.
      if (method === undefined)
        return responses.refuse(exchange, { type: "MISSING_AUTHENTICATION_TOKEN", message: "Missing Authentication Token" });
      if (method.authorizer !== null) {
        const refusal = await method.authorizer.authorize(exchange);
        if (exchange.is_over) return;
        if (refusal !== null) return responses.refuse(exchange, refusal);
      }
      passOn(exchange, method, agent, (refusal) => responses.refuse(exchange, refusal));
    },
    /** Breaks off what has not ended: the log has a line of that, too. */
    stop: () => {
      stopped = true;
      for (const exchange of open) {
        exchange.response.destroy();
        end(exchange);
      }
      log?.flush();
      agent.destroy();
    },
  };
}

/** Finds the method, and lets the exchange know it. */
function match(methods: PassingMethod[], exchange: Exchange): PassingMethod | undefined {
  const words = exchange.path.replace(/\/$/, "").split("/").slice(1);
  for (const method of methods) {
    if (method.method !== "ANY" && method.method !== exchange.request.method) continue;
    const parameters = matchPath(method.segments, words, false);
    if (parameters === undefined) continue;
    exchange.method = method;
    exchange.parameters = parameters;
    return method;
  }
  return undefined;
}
