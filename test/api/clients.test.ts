import { beforeEach, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import { holderOf } from "../../domain/client.ts";
import { type CardScorer, at as card, cardScorer } from "./card-scorer.ts";

let { system, head, running } = {} as CardScorer;
beforeEach(async () => {
  ({ system, head, running } = cardScorer());
  await running();
});

const list = "GET /v1/deployments/{id}/clients";
const add = "POST /v1/deployments/{id}/clients";
const named = (name: string, id = "card-scorer") => ({ parameters: { id, name } });
const adding = (body: object, headers: Record<string, string> = {}) => system.member(add, { ...card, body, headers });
const rotating = (name: string, body?: object, headers: Record<string, string> = {}) =>
  system.member("POST /v1/deployments/{id}/clients/{name}/rotate", { ...named(name), ...(body && { body }), headers });
const removing = (name: string, headers: Record<string, string> = {}) =>
  system.member("DELETE /v1/deployments/{id}/clients/{name}", { ...named(name), headers });
const soon = () => new Date(system.clock.now() + 60_000).toISOString();

describe("a client", () => {
  it("is added with a token, which is in no other answer and nowhere in the record", async () => {
    const { version } = await head();
    const added = await adding({ name: "ci" });
    expect(added).toMatchObject({ status: 201, headers: { etag: `"${version + 1}"`, "cache-control": "no-store" } });
    const { token, ...client } = answers.IssuedClient.parse(added.body);
    expect(client).toMatchObject({ name: "ci", created_by: "ada", expires_at: null, last_used_at: null, previous_until: null });
    expect(holderOf(token)).toBe("ci");
    const listed = await system.member(list, card);
    expect(answers.ClientList.parse(listed.body)).toEqual({ items: [client] });
    const events = await system.member("GET /v1/deployments/{id}/events", card);
    expect(events.body.items[0]).toMatchObject({ type: "Client Added", actor: "ada", after: { client: "ci" } });
    const { record } = system as never as { record: { clients_: Map<string, unknown> } };
    for (const kept of [JSON.stringify(events.body), JSON.stringify(system.log), String(record.clients_)])
      expect(kept).not.toContain(token);
    const stored = await system.record.client((await head()).uid, "ci");
    expect(JSON.stringify(stored)).not.toContain(token.split(".")[1]);
  });

  it("is added whatever runs, and whatever the access is", async () => {
    await system.member("POST /v1/deployments/{id}/restart", card);
    expect(await adding({ name: "ci", expires_at: soon() })).toMatchObject({ status: 201, body: { expires_at: soon() } });
    expect((await head()).active_operation?.kind).toBe("RESTART");
  });

  it("expires in UTC, whatever the offset that it was given with", async () => {
    const { body } = await adding({ name: "ci", expires_at: "2999-01-01T01:00:00+01:00" });
    expect(body.expires_at).toBe("2999-01-01T00:00:00.000Z");
  });

  it("is refused a second time, and one of two at once is", async () => {
    const both = await Promise.all([adding({ name: "ci" }), adding({ name: "ci" })]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(await adding({ name: "ci" })).toMatchObject({
      status: 409,
      body: { code: "name-taken", detail: expect.stringContaining("/clients/ci/rotate"), errors: [{ path: "name", given: "ci" }] },
    });
  });

  it.each<[string, object, string]>([
    ["no name", {}, "name"],
    ["a name with a capital", { name: "CI" }, "name"],
    ["a name that begins with a digit", { name: "1ci" }, "name"],
    ["a name with a colon, at which Basic parts it", { name: "ci:x" }, "name"],
    ["a name that is too long", { name: "c".repeat(64) }, "name"],
    ["a day", { name: "ci", expires_at: "2999-01-01" }, "expires_at"],
    ["a day that no month has", { name: "ci", expires_at: "2999-02-30T00:00:00Z" }, "expires_at"],
    ["a time that is over", { name: "ci", expires_at: "2020-01-01T00:00:00Z" }, "expires_at"],
    ["a token of one's own", { name: "ci", token: "mine" }, "token"],
  ])("is refused: %s", async (_what, body, path) => {
    expect(await adding(body)).toMatchObject({ status: 400, body: { code: "invalid-input", errors: [{ path }] } });
    expect((await system.member(list, card)).body.items).toEqual([]);
  });

  it("is refused where there are a hundred", async () => {
    for (let number = 0; number < 100; number += 1) expect((await adding({ name: `c${number}` })).status).toBe(201);
    expect(await adding({ name: "one-more" })).toMatchObject({ status: 422, body: { code: "quota-exceeded" } });
    await removing("c7");
    expect((await adding({ name: "one-more" })).status).toBe(201);
    const page = await system.member(list, { ...card, query: { limit: "40" } });
    expect([page.body.items.length, typeof page.body.next_cursor]).toEqual([40, "string"]);
  });

  it("is removed at once, and then unknown", async () => {
    await adding({ name: "ci" });
    expect(await removing("ci")).toMatchObject({ status: 204, body: undefined });
    expect(await removing("ci")).toMatchObject({
      status: 404,
      body: { code: "not-found", detail: expect.stringContaining("no client ci") },
    });
    expect((await system.member("GET /v1/deployments/{id}/events", card)).body.items[0]).toMatchObject({ type: "Client Removed" });
  });
});

describe("a rotation", () => {
  it("gives another token, and says how long the one before it works", async () => {
    const { body: first } = await adding({ name: "ci", expires_at: soon() });
    const { status, body: second } = await rotating("ci");
    expect([status, second.token === first.token]).toEqual([200, false]);
    const { token: _token, ...client } = first;
    const previous_until = new Date(system.clock.now() + 3_600_000).toISOString();
    expect(second).toEqual({ ...client, token: second.token, previous_until });
    system.clock.time += 3_600_000;
    expect((await system.member(list, card)).body.items).toEqual([{ ...client, previous_until: null }]);
  });

  it("ends the tokens until now when no overlap is wanted", async () => {
    await adding({ name: "ci" });
    expect((await rotating("ci", { overlap_seconds: 0 })).body.previous_until).toBeNull();
  });

  it.each([-1, 604_801, 1.5, "60", null])("is refused with an overlap of %j", async (overlap_seconds) => {
    await adding({ name: "ci" });
    expect(await rotating("ci", { overlap_seconds })).toMatchObject({ status: 400, body: { errors: [{ path: "overlap_seconds" }] } });
  });

  it("of an unknown client is refused, and so is a name that none can have", async () => {
    expect(await rotating("ci")).toMatchObject({ status: 404, body: { code: "not-found" } });
    expect(await rotating("CI")).toMatchObject({ status: 400, body: { errors: [{ path: "name" }] } });
  });
});

describe("a request that is repeated by its key", () => {
  const key = { "idempotency-key": "once" };

  it("adds one client, and says that its token was shown", async () => {
    const first = await adding({ name: "ci" }, key);
    const again = await adding({ name: "ci" }, key);
    expect(again).toMatchObject({
      status: 409,
      body: { code: "token-shown-once", client: "ci", detail: expect.stringContaining("/clients/ci/rotate") },
    });
    expect(JSON.stringify(again.body)).not.toContain(first.body.token);
    expect((await system.member(list, card)).body.items).toHaveLength(1);
  });

  it("rotates once, so that no token ends that somebody uses", async () => {
    await adding({ name: "ci" });
    expect((await rotating("ci", {}, key)).status).toBe(200);
    const { version } = await head();
    expect(await rotating("ci", {}, key)).toMatchObject({ status: 409, body: { code: "token-shown-once" } });
    expect((await head()).version).toBe(version);
  });

  it("is told so when it asks something else", async () => {
    await adding({ name: "ci" }, key);
    expect(await adding({ name: "web" }, key)).toMatchObject({ status: 422, body: { code: "idempotency-key-reused" } });
  });
});

describe("a change of clients", () => {
  it("is made upon the version that was read", async () => {
    const { version } = await head();
    expect((await adding({ name: "ci" }, { "if-match": `"${version}"` })).status).toBe(201);
    const late = { "if-match": `"${version}"` };
    for (const answer of [await adding({ name: "web" }, late), await rotating("ci", {}, late), await removing("ci", late)])
      expect(answer).toMatchObject({ status: 412, body: { code: "version-moved", version: version + 1 } });
  });

  it("is for members, as is the list of them; to others the deployment is not there", async () => {
    await adding({ name: "ci" });
    for (const route of [list, add, "DELETE /v1/deployments/{id}/clients/{name}", "POST /v1/deployments/{id}/clients/{name}/rotate"]) {
      const ask = { ...named("ci"), ...(route === add && { ...card, body: { name: "web" } }), ...(route === list && card) };
      expect(await system.viewer(route, ask)).toMatchObject({ status: 403, body: { code: "forbidden" } });
      expect(await system.stranger(route, ask)).toMatchObject({ status: 404, body: { code: "not-found" } });
      expect((await system.nobody(route, ask)).status).toBe(401);
    }
    expect((await system.member(list, { parameters: { id: "nobody" } })).status).toBe(404);
    expect((await system.member(list, card)).body.items).toHaveLength(1);
  });

  it("is not made of a deployment that is on its way out", async () => {
    await system.member("DELETE /v1/deployments/{id}", { ...card, query: { name: "Card scorer" } });
    expect(await adding({ name: "ci" })).toMatchObject({ status: 409, body: { code: "operation-in-progress" } });
  });
});
