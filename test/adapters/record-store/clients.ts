import { ulid } from "ulid";
import { describe, expect, it } from "vitest";
import type { Client } from "../../../domain/client.ts";
import { addClient, removeClient, rotateClient } from "../../../domain/client-changes.ts";
import type { Head } from "../../../domain/deployment.ts";
import type { RecordStore } from "../../../lambdas/ports/record.ts";
import { at } from "../../doubles/deployments.ts";
import { create, everything, freshId, reasons, running, type Subject } from "./subject.ts";

const said = { actor: "ada", at };
const given = (name: string) => ({ name, token_hash: `hash of ${name}`, expires_at: "2030-01-01T00:00:00.000Z", ...said });

export function keepsClients(subject: () => Subject): void {
  const make = async () => {
    const { record } = subject();
    return { record, uid: (await create(record, { id: freshId(), uid: ulid() })).after.uid };
  };
  const headOf = async (record: RecordStore, uid: string) => (await record.head(uid)) as Head;
  const add = async (record: RecordStore, uid: string, name: string) => {
    const annotation = addClient(await headOf(record, uid), [], given(name));
    await record.annotate(annotation);
    return annotation.client.after;
  };

  describe("clients", () => {
    it("are found as they were added, and listed by name, a page at a time", async () => {
      const { record, uid } = await make();
      const added: Client[] = [];
      for (const name of ["web", "ci", "_probe", "app"]) added.push(await add(record, uid, name));
      expect(await record.client(uid, "ci")).toEqual(added[1]);
      expect(await record.client(uid, "c")).toBeUndefined();
      const listed = await everything((page) => record.clients(uid, page), 3);
      expect(listed).toEqual(added.toSorted((one, other) => (one.name < other.name ? -1 : 1)));
      expect((await record.events(uid, { limit: 1 })).items).toMatchObject([
        { type: "Client Added", sequence: 5, after: { client: "app" } },
      ]);
      expect(await record.head(uid)).toMatchObject({ version: 5, event_sequence: 5 });
    });

    it("of one name are added once by two at once", async () => {
      const { record, uid } = await make();
      const head = await headOf(record, uid);
      const tries = await Promise.allSettled(
        ["one", "other"].map((hash) => record.annotate(addClient(head, [], { ...given("ci"), token_hash: hash }))),
      );
      expect(reasons(tries)).toEqual(["version"]);
      expect((await record.clients(uid, { limit: 10 })).items).toHaveLength(1);
    });

    it("leave what a workflow writes meanwhile as it is", async () => {
      const { record } = subject();
      const { head, fence } = await running(record);
      await record.enterStep(fence, "ProvisionSlot", at);
      await record.annotate(addClient(head, [], given("ci")));
      expect((await headOf(record, head.uid)).active_operation?.step).toBe("ProvisionSlot");
    });

    it("have another token from a rotation on, and one of two rotations at once", async () => {
      const { record, uid } = await make();
      const client = await add(record, uid, "ci");
      const head = await headOf(record, uid);
      const rotate = (token_hash: string) => rotateClient(head, client, { token_hash, overlap_seconds: 60, ...said });
      const tries = await Promise.allSettled(["second", "third"].map((hash) => record.annotate(rotate(hash))));
      expect(reasons(tries)).toEqual(["version"]);
      const found = (await record.client(uid, "ci")) as Client;
      expect(["second", "third"]).toContain(found.token_hash);
      expect(found).toEqual({ ...rotate(found.token_hash).client.after });
    });

    it("are gone when they are removed, and may be added again", async () => {
      const { record, uid } = await make();
      const client = await add(record, uid, "ci");
      const before = await headOf(record, uid);
      await record.annotate(removeClient(before, client, said));
      expect(await record.client(uid, "ci")).toBeUndefined();
      await expect(record.annotate(removeClient(before, client, said))).rejects.toMatchObject({ what: "version" });
      await add(record, uid, "ci");
      expect(await record.client(uid, "ci")).toBeDefined();
    });

    it("are told of by the key of a request that was made before, of which nothing more is done", async () => {
      const { record, uid } = await make();
      const answer = { request_hash: "h", status_code: 409, uid, operation_id: null, pointer: { name: "ci" } };
      const idempotency = { actor: "ada", key: freshId(), answer };
      await record.annotate({ ...addClient(await headOf(record, uid), [], given("ci")), idempotency });
      expect(await record.idempotent("ada", idempotency.key)).toEqual(answer);
      const again = record.annotate({ ...addClient(await headOf(record, uid), [], given("web")), idempotency });
      await expect(again).rejects.toMatchObject({ what: "idempotency" });
      expect(await record.client(uid, "web")).toBeUndefined();
    });

    it("of a deployment that is deleted are all removed, and of no other", async () => {
      const { record, uid } = await make();
      const other = (await create(record, { id: freshId(), uid: ulid() })).after.uid;
      for (let number = 0; number < 60; number += 1) await add(record, uid, `client-${number}`);
      await add(record, other, "ci");
      await record.removeClients(uid);
      await record.removeClients(uid);
      expect((await record.clients(uid, { limit: 100 })).items).toEqual([]);
      expect((await record.clients(other, { limit: 100 })).items).toHaveLength(1);
      expect(await record.head(uid)).toBeDefined();
    });
  });
}
