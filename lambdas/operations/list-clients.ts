import type { Client } from "../../domain/client.ts";
import type { Page, PageRequest } from "../ports/page.ts";
import { type Caller, requireRole } from "./caller.ts";
import { findDeployment } from "./find-deployment.ts";
import type { Reading } from "./installation.ts";

export async function listClients({ record }: Reading, caller: Caller, id: string, page: PageRequest): Promise<Page<Client>> {
  const { uid, group } = await findDeployment(record, caller, id);
  requireRole(caller, group, "member");
  return record.clients(uid, page);
}
