import { ulid } from "ulid";
import { describe, expect, it } from "vitest";
import { at, created } from "../../doubles/deployments.ts";
import { versionOf } from "../../doubles/model-versions.ts";
import { create, everything, freshId, type Subject } from "./subject.ts";

export function keepsRegistry(subject: () => Subject): void {
  const make = () => subject().record;

  describe("the registry", () => {
    const model = (group: string, name: string) => ({ group, name, description: "", latest_version: 0, created_at: at, created_by: "ada" });
    const version = (group: string, name: string) => ({ ...versionOf(group, name), runtime: "onnx", metrics: { accuracy: 0.97 } });

    it("makes a model once", async () => {
      const record = make();
      const group = freshId();
      await record.createModel(model(group, "iris"));
      await expect(record.createModel(model(group, "iris"))).rejects.toMatchObject({ name: "RecordConflict", what: "exists" });
      expect(await record.model(group, "iris")).toEqual(model(group, "iris"));
      expect(await record.model(group, "rose")).toBeUndefined();
    });

    it("numbers versions without a gap although ten register at once", async () => {
      const record = make();
      const group = freshId();
      await record.createModel(model(group, "iris"));
      const made = await Promise.all(Array.from({ length: 10 }, () => record.registerVersion(version(group, "iris"))));
      expect(made.map((entry) => entry.version).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect((await record.model(group, "iris"))?.latest_version).toBe(10);
      expect(await record.modelVersion(group, "iris", 4)).toEqual({ ...version(group, "iris"), version: 4 });
      const listed = await everything((page) => record.modelVersions(group, "iris", page), 4);
      expect(listed.map((entry) => entry.version)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    });

    it("notes that a version's source does not stand by it, and does again", async () => {
      const record = make();
      const group = freshId();
      await record.createModel(model(group, "iris"));
      const made = await record.registerVersion(version(group, "iris"));
      const withdrawn = { by: "sagemaker", at, reason: "it was rejected" };
      await record.noteWithdrawal(made, withdrawn);
      expect(await record.modelVersion(group, "iris", 1)).toEqual({ ...made, withdrawn });
      await record.noteWithdrawal(made, null);
      expect(await record.modelVersion(group, "iris", 1)).toEqual(made);
      await expect(record.noteWithdrawal({ ...made, version: 2 }, null)).rejects.toThrow("is not in the record");
    });

    it("refuses a version of no model, and a second effect of one key", async () => {
      const record = make();
      const group = freshId();
      await expect(record.registerVersion(version(group, "none"))).rejects.toMatchObject({ name: "Problem", code: "not-found" });
      await record.createModel(model(group, "iris"));
      const answer = { request_hash: "h", status_code: 201, uid: null, operation_id: null, pointer: { group, name: "iris" } };
      const idempotency = { actor: "ada", key: freshId(), answer };
      await record.registerVersion(version(group, "iris"), idempotency);
      await expect(record.registerVersion(version(group, "iris"), idempotency)).rejects.toMatchObject({ what: "idempotency" });
      expect((await record.model(group, "iris"))?.latest_version).toBe(1);
      expect((await record.idempotent("ada", idempotency.key))?.pointer).toEqual({ group, name: "iris", version: 1 });
    });

    it("lists models by group and name", async () => {
      const record = make();
      const [a, b] = [`a${freshId()}`, `b${freshId()}`];
      for (const group of [b, a]) for (const name of ["rose", "iris"]) await record.createModel(model(group, name));
      const listed = await everything((page) => record.models([b, a], page), 3);
      expect(listed.map(({ group, name }) => [group, name])).toEqual(
        [a, b].flatMap((group) => [
          [group, "iris"],
          [group, "rose"],
        ]),
      );
    });

    it("knows groups by name, however often they are put", async () => {
      const record = make();
      const names = [freshId(), freshId()].sort();
      for (const name of [...names, ...names]) await record.putGroup(name, "ada", at);
      expect((await record.groups()).filter((name) => names.includes(name))).toEqual(names);
    });

    it("keeps where a group's artifacts may lie, until it is said anew", async () => {
      const record = make();
      const name = freshId();
      expect(await record.modelLocations(name)).toBeNull();
      await record.putGroup(name, "ada", at);
      expect(await record.modelLocations(name)).toBeNull();
      await record.putGroup(name, "ada", at, ["s3://models"]);
      await record.putGroup(name, "ada", at);
      expect(await record.modelLocations(name)).toEqual(["s3://models"]);
      await record.putGroup(name, "ada", at, null);
      expect(await record.modelLocations(name)).toBeNull();
    });

    it("knows a group with the first thing that is made in it, and not by what is refused", async () => {
      const record = make();
      const [refused, ofDeployment, ofModel] = [freshId(), freshId(), freshId()];
      const { after: head } = await create(record, { id: freshId(), uid: ulid(), group: ofDeployment });
      await create(record, { id: freshId(), uid: ulid(), group: ofDeployment });
      await expect(record.commit(created({ id: head.id, uid: ulid(), group: refused }))).rejects.toMatchObject({ what: "id" });
      await record.createModel(model(ofModel, "iris"));
      await expect(record.createModel(model(ofModel, "iris"))).rejects.toMatchObject({ what: "exists" });
      const known = await record.groups();
      expect([refused, ofDeployment, ofModel].map((name) => known.includes(name))).toEqual([false, true, true]);
    });
  });
}
