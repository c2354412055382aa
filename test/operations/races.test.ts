import { beforeEach, describe, expect, it } from "vitest";
import type { Operation } from "../../domain/operation.ts";
import { againWhenOvertaken } from "../../lambdas/operations/overtaken.ts";
import { revisionSecrets } from "../../lambdas/operations/revision-secrets.ts";
import { RecordConflict } from "../../lambdas/ports/record.ts";
import { type Installation, installation } from "../doubles/installation.ts";
import { TestClock } from "../doubles/test-clock.ts";

const moved = () => new RecordConflict("version", "deployment iris has moved");

describe("a change that was overtaken", () => {
  it("is decided anew until it is not", async () => {
    let tries = 0;
    const change = async () => {
      tries += 1;
      if (tries < 4) throw moved();
      return tries;
    };
    expect(await againWhenOvertaken(new TestClock(), change)).toBe(4);
  });

  it("is given up after five times, in words", async () => {
    let tries = 0;
    const change = async () => {
      tries += 1;
      throw moved();
    };
    await expect(againWhenOvertaken(new TestClock(), change)).rejects.toMatchObject({ name: "Problem", code: "version-moved" });
    expect(tries).toBe(5);
  });

  it.each(["id", "idempotency", "exists"] as const)("leaves a conflict of %s to who asked", async (what) => {
    let tries = 0;
    const change = async () => {
      tries += 1;
      throw new RecordConflict(what, "taken");
    };
    await expect(againWhenOvertaken(new TestClock(), change)).rejects.toMatchObject({ what });
    expect(tries).toBe(1);
  });
});

describe("secret values", () => {
  it("are stored for each component that has any, kept ones by where they are kept", () => {
    const given = {
      secret_values: { predictor: { KEY: "value" }, transformer: {} },
      kept_secrets: { predictor: [], transformer: ["OLD"] },
      kept_from: 1,
    };
    expect(revisionSecrets(given)).toEqual([
      { component: "predictor", values: { KEY: "value" }, kept: null },
      { component: "transformer", values: {}, kept: { revision: 1, names: ["OLD"] } },
    ]);
    expect(
      revisionSecrets({ ...given, secret_values: { predictor: {}, transformer: {} }, kept_secrets: { predictor: [], transformer: [] } }),
    ).toEqual([]);
  });
});

describe("a stop that meets the end of what it is to abort", () => {
  let system: Installation;
  let operation: Operation;
  beforeEach(async () => {
    system = installation();
    const body = { group: "demo", name: "Iris", environment: "staging", access: "public", predictor: { image: "me/server:1" } };
    const created = await system.member("POST /v1/deployments", { body });
    operation = { ...created.body.operation, epoch: 1 };
  });
  const stop = () => system.member("POST /v1/deployments/{id}/stop", { parameters: { id: "iris" } });

  it("stops what the operation has started meanwhile", async () => {
    const end = system.record.endOperation.bind(system.record);
    system.record.endOperation = async (fence, ending) => {
      system.record.endOperation = end;
      await system.end(operation);
      return end(fence, ending);
    };
    expect(await stop()).toMatchObject({ status: 202, body: { operation: { kind: "STOP" } } });
    expect(await system.record.operation(operation.id)).toMatchObject({ outcome: "SUCCEEDED" });
  });

  it("is one of fifty that come at once", async () => {
    const tries = await Promise.all(Array.from({ length: 50 }, stop));
    expect(tries.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(tries.filter(({ status, body }) => status === 409 && body.code === "operation-in-progress")).toHaveLength(49);
    expect([...system.record.operations_.values()].map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ["START", "CANCELLED"],
      ["STOP", null],
    ]);
  });
});
