import type { Changing, Reading } from "../operations/installation.ts";
import { abortOperation, promoteOperation } from "../operations/steer-operation.ts";
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

export function steerOperations(ports: Changing): Pick<Handlers<"ChangeRecord">, "abortOperation" | "promoteOperation"> {
  return {
    async abortOperation({ caller, params }) {
      return { status: 200, body: operationView(await abortOperation(ports, caller, params.id)) };
    },
    async promoteOperation({ caller, params }) {
      return { status: 200, body: operationView(await promoteOperation(ports, caller, params.id)) };
    },
  };
}
