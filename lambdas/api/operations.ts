import type { Reading } from "../operations/installation.ts";
import { getOperation } from "../operations/wait-for-operation.ts";
import type { Handlers } from "./dispatch.ts";
import { operationView } from "./operation-view.ts";

export function readOperations(ports: Reading): Pick<Handlers<"ReadRecord">, "getOperation"> {
  return {
    async getOperation({ caller, params, query }) {
      return { status: 200, body: operationView(await getOperation(ports, caller, params.id, query.wait)) };
    },
  };
}
