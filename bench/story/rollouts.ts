import { rollingUpdate } from "./plain.ts";
import type { Stage } from "./stage.ts";
import { type Tell, truth } from "./told.ts";

const quick = { drain_seconds: 5, warm_seconds: 300, deadline_seconds: 300 };
const succeeded = ({ outcome }: { outcome: string }) => outcome === "SUCCEEDED";

export async function create(stage: Stage, tell: Tell): Promise<void> {
  const specification = {
    ...{ group: stage.group, name: stage.id, id: stage.id, environment: "staging", access: "public", rollout: quick },
    predictor: { ...stage.predictor("one"), scaling_config: { min_replicas: 2, max_replicas: 2 } },
    smoke_tests: [{ name: "predicts", method: "GET", path: "/predict", expect: { status: 200 } }],
  };
  const operation = await stage.changed("POST", "/v1/deployments", specification);
  truth(succeeded(operation), "the deployment starts", operation);
  const state = await stage.state();
  truth(state.status === "RUNNING" && state.condition.type === "READY", "it is RUNNING and READY", state);
  const { ready, desired } = state.instances.predictor;
  tell(
    `${stage.id} went ${operation.steps.map(({ name }: { name: string }) => name).join(" → ")}; RUNNING with ${ready} of ${desired} instances`,
  );
}

export async function predict(stage: Stage, tell: Tell): Promise<void> {
  const answered = await stage.answeredBy();
  truth(answered === "one", "the model answers at its endpoint", answered);
  tell("a POST to the endpoint is answered 200 by revision one");
}

export async function blueGreen(stage: Stage, tell: Tell): Promise<void> {
  const counted = await stage.withoutLoss(async () => {
    const operation = await stage.update({ predictor: stage.predictor("two") });
    truth(succeeded(operation), "the update succeeds", operation);
  });
  const { one = 0, two = 0 } = counted.greetings;
  truth(one > 0 && two > 0 && (await stage.answeredBy()) === "two", "traffic moved from one to two", counted.greetings);
  tell(`update under load: 0 of ${counted.requests} requests failed (${one} answered by one, ${two} by two)`);
  await rollingUpdate(stage, tell);
}

export async function canary(stage: Stage, tell: Tell): Promise<void> {
  const rollout = { ...quick, strategy: "canary", percent: 20, bake_seconds: 10 };
  const counted = await stage.withoutLoss(async () => {
    const operation = await stage.update({ predictor: stage.predictor("three"), rollout });
    truth(succeeded(operation), "the canary succeeds", operation);
  });
  const { two = 0, three = 0 } = counted.greetings;
  truth(two > 0 && three > 0 && (await stage.answeredBy()) === "three", "both answered, and three at the end", counted.greetings);
  tell(`canary of 20 % for 10 s: 0 of ${counted.requests} failed (${two} by two, ${three} by three)`);
  await stage.update({ rollout: { ...quick, strategy: "all_at_once", percent: null, bake_seconds: null } });
}

/** A revision that cannot serve: what serves stays, nothing is lost, and the cause is told. */
export const refused =
  (what: string, change: (stage: Stage) => object, says: RegExp) =>
  async (stage: Stage, tell: Tell): Promise<void> => {
    const before = await stage.answeredBy();
    let operation: { outcome: string; cause: { reason: string; message: string } | null } | undefined;
    const counted = await stage.withoutLoss(async () => {
      operation = await stage.update({ predictor: change(stage) });
    });
    truth(operation !== undefined && operation.outcome !== "SUCCEEDED" && operation.cause !== null, `${what} does not succeed`, operation);
    const { outcome, cause } = operation;
    truth(says.test(`${cause.reason} ${cause.message}`), `the cause of ${what} is told`, cause);
    const after = await stage.answeredBy();
    truth(after === before, "what served serves on", after);
    tell(`${outcome}: ${cause.reason}: ${cause.message.slice(0, 160)}; ${after} serves on, 0 of ${counted.requests} requests failed`);
  };

export async function rollback(stage: Stage, tell: Tell): Promise<void> {
  const before = await stage.answeredBy();
  const operation = await stage.update({ predictor: stage.predictor("regretted") });
  truth(succeeded(operation), "the update to go back from succeeds", operation);
  const began = performance.now();
  const counted = await stage.withoutLoss(async () => {
    const back = await stage.changed("POST", `/v1/deployments/${stage.id}/rollback`, {});
    truth(succeeded(back), "the rollback succeeds", back);
  });
  const after = await stage.answeredBy();
  truth(after === before, `${before} serves again`, after);
  tell(`back to ${after} in ${((performance.now() - began) / 1000).toFixed(1)} s, 0 of ${counted.requests} requests failed`);
}
