import { getGroup, listGroups, putGroup } from "../operations/groups.ts";
import type { Changing, Reading } from "../operations/installation.ts";
import type { Handlers } from "./dispatch.ts";

export function readGroups(ports: Reading): Pick<Handlers<"ReadRecord">, "listGroups" | "getGroup"> {
  return {
    async listGroups({ caller }) {
      return { status: 200, body: { items: await listGroups(ports, caller) } };
    },
    async getGroup({ caller, params }) {
      return { status: 200, body: await getGroup(ports, caller, params.name) };
    },
  };
}

export function changeGroups(ports: Changing): Pick<Handlers<"ChangeRecord">, "putGroup"> {
  return {
    async putGroup({ caller, params, body }) {
      return { status: 200, body: await putGroup(ports, caller, params.name, body.model_locations) };
    },
  };
}
