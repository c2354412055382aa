import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Client, previousUntil, workingHashes } from "../../domain/client.ts";
import { addClient, mostClients, removeClient, rotateClient } from "../../domain/client-changes.ts";
import { aHead } from "../doubles/deployments.ts";

const start = Date.parse("2026-11-22T10:00:00.000Z");
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const head = aHead();
const added = (seconds = 0): Client =>
  addClient(head, [], { name: "ci", token_hash: "0", expires_at: null, actor: "ada", at: at(seconds) }).client.after;

describe("adding a client", () => {
  const given = { name: "ci", token_hash: "secret hash", expires_at: null, actor: "ada", at: at(0) };

  it("tells who did it, and nothing of the token", () => {
    const { client, events } = addClient(head, [], given);
    expect(client.after).toEqual({
      ...{ name: "ci", token_hash: "secret hash", expires_at: null },
      created_at: at(0),
      created_by: "ada",
      last_used_at: null,
      previous: [],
    });
    expect(events).toMatchObject([
      { type: "Client Added", actor: "ada", sequence: head.event_sequence + 1, after: { client: "ci", deployment_id: head.id } },
    ]);
    expect(JSON.stringify(events)).not.toContain("secret");
  });

  it("is refused to a name that is taken, and says how to get another token", () => {
    expect(() => addClient(head, [{ name: "ci" }], given)).toThrow(/has a client ci already.*POST .*\/clients\/ci\/rotate/);
  });

  it("is refused to one more than there may be", () => {
    const present = Array.from({ length: mostClients }, (_, number) => ({ name: `c${number}` }));
    expect(addClient(head, present.slice(1), given).events).toHaveLength(1);
    expect(() => addClient(head, present, given)).toThrow(/has 100 clients, and may not have more/);
  });

  it("is refused once the deployment is on its way out", () => {
    const active_operation = { id: "01J", kind: "DELETE" } as never;
    expect(() => addClient({ ...head, active_operation }, [], given)).toThrow(/is being deleted by 01J/);
    expect(() => addClient({ ...head, deleted_at: at(0) }, [], given)).toThrow(/was deleted at/);
  });
});

describe("rotating", () => {
  /** Each given so many seconds after the one before it. */
  const rotations = fc.array(fc.record({ after: fc.integer({ min: 0, max: 100 }), overlap_seconds: fc.integer({ min: 0, max: 200 }) }), {
    maxLength: 8,
  });

  it("lets each token work until the first overlap of a later rotation is over, and no longer", () => {
    fc.assert(
      fc.property(rotations, fc.integer({ min: 0, max: 300 }), (given, later) => {
        let client = added();
        let now = 0;
        const ends: number[] = [];
        for (const [index, { after, overlap_seconds }] of given.entries()) {
          now += after;
          ends.push(now + overlap_seconds);
          client = rotateClient(head, client, { token_hash: String(index + 1), overlap_seconds, actor: "ada", at: at(now) }).client.after;
        }
        const then = now + later;
        const expected = [0, ...given.keys()].length;
        const working = Array.from({ length: expected }, (_, token) => token).filter((token) =>
          ends.slice(token).every((end) => then < end),
        );
        expect(
          workingHashes(client, start + then * 1000)
            .map(Number)
            .toSorted((a, b) => a - b),
        ).toEqual(working);
        const old = working.slice(0, -1);
        expect(previousUntil(client, start + then * 1000) === null).toBe(old.length === 0);
      }),
    );
  });

  it("without an overlap leaves the new token alone", () => {
    const overlapping = rotateClient(head, added(), { token_hash: "1", overlap_seconds: 3600, actor: "ada", at: at(1) }).client.after;
    const { after } = rotateClient(head, overlapping, { token_hash: "2", overlap_seconds: 0, actor: "ada", at: at(2) }).client;
    expect(after.previous).toEqual([]);
    expect(workingHashes(after, start + 2_000)).toEqual(["2"]);
  });

  it("is refused where a token would have to end before its time, but by who ends them all", () => {
    let client = added();
    for (let count = 1; count <= 10; count += 1)
      client = rotateClient(head, client, { token_hash: `${count}`, overlap_seconds: 60, actor: "ada", at: at(0) }).client.after;
    const rotate = (overlap_seconds: number) => rotateClient(head, client, { token_hash: "11", overlap_seconds, actor: "ada", at: at(0) });
    expect(() => rotate(60)).toThrow(/10 earlier tokens that still work/);
    expect(rotate(0).client.after.previous).toEqual([]);
  });

  it("tells until when an earlier token works, and none of them", () => {
    const { events } = rotateClient(head, added(), { token_hash: "secret hash", overlap_seconds: 60, actor: "ada", at: at(0) });
    expect(events).toMatchObject([{ type: "Client Rotated", after: { client: "ci", previous_until: at(60) } }]);
    expect(JSON.stringify(events)).not.toContain("secret");
  });
});

it("tells who removed a client", () => {
  const { client, events } = removeClient(head, added(), { actor: "ada", at: at(1) });
  expect(client).toEqual({ before: added() });
  expect(events).toMatchObject([{ type: "Client Removed", actor: "ada", after: { client: "ci" } }]);
});
