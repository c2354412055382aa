import type { Promotion } from "../../domain/promotion.ts";
import type { PromotionStageName } from "../../domain/promotion-policy.ts";
import type { Role } from "../../domain/words.ts";
import { promoteVersion } from "../../lambdas/operations/begin-promotion.ts";
import { abortPromotion, approvePromotion, rejectPromotion } from "../../lambdas/operations/decide-promotion.ts";
import { model } from "./model.ts";
import { Requests } from "./requests.ts";
import type { World } from "./world.ts";

/** Who decides about versions of the model, and the system that trains them. */
export class Promoter extends Requests {
  constructor(world: World, actor = "root@example.com", role: Role = "admin") {
    super(world, { actor, group: model.group, role });
  }

  as = (actor: string, role: Role): Promoter => new Promoter(this.world, actor, role);

  /** A job has COMPLETED: each makes one version. */
  report(job: number): void {
    const detail = {
      job_id: `job-${job}`,
      status: "COMPLETED",
      model,
      artifact_uri: `s3://models/card/${job}`,
      runtime: "onnx",
      sequence: job,
    };
    this.world.bus.publish("model-studio", "Training Job State Change", detail);
  }

  promote = (version: number, environment: PromotionStageName, override: string | null = null): Promise<string | undefined> =>
    this.ask("promote version", async (ports, caller, repeatable) => ({
      promotion: await promoteVersion(ports, caller, { ...model, version, environment, override }, repeatable),
    }));
  approve = (): Promise<unknown> => this.decide("approve", approvePromotion);
  reject = (): Promise<unknown> => this.decide("reject", rejectPromotion);
  /** From when that is answered nothing goes on that the promotion has begun. */
  async abort(): Promise<void> {
    const aborted = await this.decide("abort", abortPromotion);
    if (aborted) this.world.invariants.promotions?.aborted(aborted);
  }

  private async decide(verb: string, decide: typeof abortPromotion): Promise<string | undefined> {
    const active = this.active();
    return active && this.ask(`${verb} promotion`, async (ports, caller) => ({ promotion: await decide(ports, caller, active.id, "") }));
  }

  private active(): Promotion | undefined {
    const { promotions } = this.world;
    return promotions.all.get(promotions.lanes.get(`${model.group}/${model.name}`)?.active ?? "");
  }

  /** Until the promotion that is carried out is as it is to be, or nothing is under way any more. */
  async until(reached: (promotion: Promotion) => boolean): Promise<void> {
    while (!this.world.isOver) {
      const active = this.active();
      if (active ? reached(active) : this.isQuiet()) return;
      await this.pause(0.2);
    }
  }
  ended = (): Promise<void> => this.until(() => false);

  private isQuiet(): boolean {
    const { bus, record, promotions } = this.world;
    const isOperating = [...record.heads_.values()].some(({ active_operation }) => active_operation !== null);
    return bus.underWay === 0 && !isOperating && [...promotions.all.values()].every(({ outcome }) => outcome !== null);
  }
}
