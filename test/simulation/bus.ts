import type { ModelVersion } from "../../domain/model.ts";
import { registration } from "../../domain/model.ts";
import type { PromotionEvent } from "../../domain/promotion.ts";
import { NoAnswer } from "../../lambdas/runtime/aws-error.ts";
import { receiveEvent } from "../../lambdas/triggers/receive-event.ts";
import { Died } from "./executor.ts";
import type { World } from "./world.ts";

/** An event as EventBridge has it. */
interface BusEvent {
  id: string;
  source: string;
  "detail-type": string;
  time: string;
  detail: Record<string, unknown>;
}

const receiverSeconds = 30;
const told = new Set(["Model Version Registered", "Promotion Ended"]);

/** The stream and EventBridge: what the record tells, and what others report, comes to ReceiveEvent at least once. */
export class Bus {
  /** Deliveries that have not come to their end. */
  underWay = 0;
  /** Milliseconds until each delivery of an event: one for each time that it is delivered. */
  deliveries: () => number[] = () => [20];
  private readonly world: World;
  private versions: number;
  private events: number;
  private published = 0;

  constructor(world: World) {
    this.world = world;
    this.versions = this.registered().length;
    this.events = world.promotions.events.length;
  }

  private registered = (): ModelVersion[] => [...this.world.record.versions.values()].flat();

  /** After every write: what is new in the record is told. */
  follow(): void {
    const [versions, events] = [this.registered(), this.world.promotions.events];
    const fresh: PromotionEvent[] = [...versions.slice(this.versions).map(registration), ...events.slice(this.events)];
    [this.versions, this.events] = [versions.length, events.length];
    for (const { type, detail } of fresh) if (told.has(type)) this.publish("slipway", type, detail);
  }

  publish(source: string, type: string, detail: Record<string, unknown>): void {
    const time = new Date(this.world.time.now()).toISOString();
    this.published += 1;
    const event = { id: `event-${this.published}`, source, "detail-type": type, time, detail };
    for (const after of this.deliveries()) void this.deliver(event, after);
  }

  /** Lambda tries again after a minute; what it has given up is sent once more from the queue of dead letters. */
  private async deliver(event: BusEvent, after: number): Promise<void> {
    const { time } = this.world;
    this.underWay += 1;
    await time.sleep(after);
    while (!this.world.isOver && !(await this.deliverOnce(event))) await time.sleep(60_000);
    this.underWay -= 1;
  }

  private async deliverOnce(event: BusEvent): Promise<boolean> {
    const executor = this.world.executor("ReceiveEvent", receiverSeconds);
    executor.runAgain = () => void this.deliverOnce(event);
    try {
      await Promise.race([receiveEvent(event, this.world.portsOf(executor) as never), executor.death]);
      return !executor.isRunTwice;
    } catch (error) {
      if (!(error instanceof Died) && !(error instanceof NoAnswer)) this.world.log.push(`ReceiveEvent: ${(error as Error).stack}`);
      return false;
    }
  }
}
