import type { Answer } from "../../contract/answers.ts";
import { type Client, previousUntil } from "../../domain/client.ts";
import { tokenShownOnce } from "../../domain/client-changes.ts";
import { addClient, type ChangingClients, type Issued, removeClient, rotateClient } from "../operations/change-clients.ts";
import { once } from "../operations/idempotency.ts";
import type { Reading } from "../operations/installation.ts";
import { listClients } from "../operations/list-clients.ts";
import type { IdempotentAnswer } from "../ports/record.ts";
import type { Handlers } from "./dispatch.ts";

export function readClients(ports: Reading): Pick<Handlers<"ReadRecord">, "listClients"> {
  return {
    async listClients({ caller, params, query }) {
      const { items, ...page } = await listClients(ports, caller, params.id, query);
      return { status: 200, body: { items: items.map((client) => clientView(client, ports.clock.now())), ...page } };
    },
  };
}

export function changeClients(ports: ChangingClients): Pick<Handlers<"ChangeRecord">, "addClient" | "rotateClient" | "removeClient"> {
  return {
    async addClient({ caller, params, body, version, repeatable }) {
      const add = () => addClient(ports, caller, { id: params.id, version, given: body }, repeatable);
      return { status: 201, ...issuedAnswer(await once(ports.record, repeatable, add, shownOnce), ports) };
    },
    async rotateClient({ caller, params: { id, name }, body, version, repeatable }) {
      const rotate = () => rotateClient(ports, caller, { id, version, name, given: body }, repeatable);
      return { status: 200, ...issuedAnswer(await once(ports.record, repeatable, rotate, shownOnce), ports) };
    },
    async removeClient({ caller, params: { id, name }, version }) {
      await removeClient(ports, caller, { id, version, name });
      return { status: 204 };
    },
  };
}

function issuedAnswer({ client, token, version }: Issued, { clock }: Reading) {
  const body: Answer<"IssuedClient"> = { ...clientView(client, clock.now()), token };
  return { headers: { etag: `"${version}"` }, body };
}

/** Field by field: of a token nothing leaves here, not even its hash. */
const clientView = (client: Client, now: number): Answer<"Client"> => ({
  name: client.name,
  created_at: client.created_at,
  created_by: client.created_by,
  expires_at: client.expires_at,
  last_used_at: client.last_used_at,
  previous_until: previousUntil(client, now),
});

const shownOnce = async ({ pointer: { id, name } }: IdempotentAnswer): Promise<never> => {
  throw tokenShownOnce(String(id), String(name));
};
