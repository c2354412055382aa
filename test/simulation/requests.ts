import { Problem } from "../../domain/errors.ts";
import type { Role } from "../../domain/words.ts";
import type { Caller } from "../../lambdas/operations/caller.ts";
import { once, type Repeatable } from "../../lambdas/operations/idempotency.ts";
import { NoAnswer } from "../../lambdas/runtime/aws-error.ts";
import { Died } from "./executor.ts";
import type { Ports, World } from "./world.ts";

const requestSeconds = 29;
const tries = 8;

/** Requests that a key makes safe to repeat: an effect that has been told already is not told again. */
const keyed = new Set(["create", "update", "start", "restart", "stop", "delete", "rollback", "test", "promote version"]);

/** What was begun; neither when nothing was. */
interface Answer {
  operation?: { id: string } | null;
  promotion?: { id: string } | null;
}
export type Run = (ports: Ports, caller: Caller, repeatable: Repeatable) => Promise<Answer>;

/** Somebody who asks again by the same key when no answer comes, and takes no for an answer. */
export class Requests {
  protected readonly world: World;
  private readonly caller: Caller;
  private readonly isOutsider: boolean;

  constructor(world: World, { actor, group, role = "member" }: { actor: string; group: string; role?: Role }) {
    this.world = world;
    this.caller = { actor, roles: new Map([[group, role]]), platformAdmin: false };
    this.isOutsider = group !== "fraud";
  }

  pause = (seconds: number): Promise<void> => this.world.time.sleep(seconds * 1000);

  /** Id of what was begun. */
  protected async ask(name: string, run: Run): Promise<string | undefined> {
    this.world.requests += 1;
    const key = `${name} ${this.world.requests} of ${this.caller.actor}`;
    const repeatable = { actor: this.caller.actor, key, request_hash: key };
    for (let attempt = 1; attempt <= tries; attempt++) {
      const answer = await this.askOnce(name, repeatable, run);
      if (answer) return (answer.operation ?? answer.promotion)?.id;
      await this.pause(1);
    }
    return undefined;
  }

  /** undefined when no answer came, or that something was wrong with the service. */
  private async askOnce(name: string, repeatable: Repeatable, run: Run): Promise<Answer | undefined> {
    const executor = this.world.executor(`${name} request`, requestSeconds);
    executor.runAgain = () => void this.askOnce(name, repeatable, run);
    executor.key = keyed.has(name) ? repeatable.key : undefined;
    executor.isOutsider = this.isOutsider;
    const ports = this.world.portsOf(executor);
    const asked = once<Answer>(
      ports.record,
      repeatable,
      () => run(ports, this.caller, repeatable),
      async ({ operation_id, pointer }) => ({
        operation: operation_id === null ? null : { id: operation_id },
        promotion: typeof pointer.promotion_id === "string" ? { id: pointer.promotion_id } : null,
      }),
    );
    try {
      const answer = await Promise.race([asked, executor.death]);
      if (this.isOutsider) this.world.invariants.violate("no group sees another's", `${name} was answered to another group`);
      return executor.isRunTwice ? this.askOnce(name, repeatable, run) : answer;
    } catch (error) {
      if (error instanceof Problem) {
        this.world.log.push(`${name}: refused: ${error.message}`);
        return {};
      }
      if (!(error instanceof Died) && !(error instanceof NoAnswer)) this.world.log.push(`${name}: ${(error as Error).stack}`);
      return undefined;
    }
  }
}
