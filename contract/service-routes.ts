import { groupName } from "./grammars.ts";
import { groupBody } from "./groups.ts";
import * as queries from "./queries.ts";
import { noParameters, type RouteEntry, signedIn } from "./route.ts";
import { strict } from "./strict.ts";

/** Routes of groups, of what can be chosen, and of who asks. */

const group = strict({ name: groupName });

export const serviceRoutes = {
  listGroups: {
    method: "GET",
    path: "/v1/groups",
    summary: "List the groups you have a role in; a platform admin sees all",
    tag: "groups",
    function: "ReadRecord",
    policy: signedIn,
    params: noParameters,
    query: queries.none,
    answers: { 200: "GroupList" },
  },
  getGroup: {
    method: "GET",
    path: "/v1/groups/{name}",
    summary: "Get a group",
    tag: "groups",
    function: "ReadRecord",
    policy: { role: "viewer", of: "path" },
    params: group,
    query: queries.none,
    answers: { 200: "Group" },
  },
  putGroup: {
    method: "PUT",
    path: "/v1/groups/{name}",
    summary: "Make a group known, so that it can own models and deployments, and say where its artifacts may lie",
    tag: "groups",
    function: "ChangeRecord",
    policy: { role: "admin", of: "platform" },
    params: group,
    query: queries.none,
    body: groupBody,
    answers: { 200: "Group" },
  },
  listInstanceTypes: {
    method: "GET",
    path: "/v1/instance-types",
    summary: "List the sizes that a component can run in",
    tag: "catalogue",
    function: "ReadRecord",
    policy: signedIn,
    params: noParameters,
    query: queries.none,
    answers: { 200: "InstanceTypeList" },
  },
  listRuntimes: {
    method: "GET",
    path: "/v1/runtimes",
    summary: "List the model servers of the catalogue",
    tag: "catalogue",
    function: "ReadRecord",
    policy: signedIn,
    params: noParameters,
    query: queries.none,
    answers: { 200: "RuntimeList" },
  },
  getMe: {
    method: "GET",
    path: "/v1/me",
    summary: "Say who is signed in, and with which roles",
    tag: "service",
    function: "ReadRecord",
    policy: signedIn,
    params: noParameters,
    query: queries.none,
    answers: { 200: "Me" },
  },
} as const satisfies Record<string, RouteEntry>;
