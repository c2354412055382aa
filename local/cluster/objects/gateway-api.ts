import type { Condition, Resource } from "./resource.ts";

export interface GatewayClass extends Resource {
  spec: { controllerName: string };
  status?: { conditions?: Condition[] };
}

export interface Gateway extends Resource {
  spec: { gatewayClassName: string; listeners: Listener[] };
  status?: { conditions?: Condition[]; listeners?: unknown[]; addresses?: unknown[] };
}
export interface Listener {
  name: string;
  port: number;
  protocol: string;
  hostname?: string;
  allowedRoutes?: { namespaces?: { from?: "All" | "Same" | "Selector"; selector?: import("./workloads.ts").LabelSelector } };
}

export interface HttpRoute extends Resource {
  spec: { parentRefs?: ParentRef[]; hostnames?: string[]; rules?: RouteRule[] };
  status?: { parents: ParentStatus[] };
}
export interface ParentRef {
  group?: string;
  kind?: string;
  namespace?: string;
  name: string;
  sectionName?: string;
  port?: number;
}
export interface ParentStatus {
  parentRef: ParentRef;
  controllerName: string;
  conditions: Condition[];
}
export interface RouteRule {
  name?: string;
  matches?: RouteMatch[];
  filters?: RouteFilter[];
  backendRefs?: BackendRef[];
}
export interface RouteMatch {
  path?: { type?: "PathPrefix" | "Exact" | "RegularExpression"; value?: string };
  headers?: { type?: "Exact" | "RegularExpression"; name: string; value: string }[];
  queryParams?: { type?: "Exact" | "RegularExpression"; name: string; value: string }[];
  method?: string;
}
export interface HeaderModifier {
  set?: { name: string; value: string }[];
  add?: { name: string; value: string }[];
  remove?: string[];
}
export interface RouteFilter {
  type: string;
  requestHeaderModifier?: HeaderModifier;
  responseHeaderModifier?: HeaderModifier;
  urlRewrite?: {
    hostname?: string;
    path?: { type: "ReplacePrefixMatch" | "ReplaceFullPath"; replacePrefixMatch?: string; replaceFullPath?: string };
  };
}
export interface BackendRef {
  group?: string;
  kind?: string;
  namespace?: string;
  name: string;
  port?: number;
  weight?: number;
  filters?: RouteFilter[];
}
