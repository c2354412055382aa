import { isInProduction, type Promotion } from "../../domain/promotion.ts";
import type { Client } from "./client.ts";
import type { Script } from "./path.ts";
import type { Promoter } from "./promoter.ts";

/** Jobs that complete, and what somebody does about the versions that they make; to the end of all. */
export const reportedAnd =
  (jobs: number[], then: (promoter: Promoter, client: Client) => Promise<unknown>): Script =>
  async (client) => {
    const { promoter } = client;
    for (const job of jobs) promoter.report(job);
    await then(promoter, client);
    await promoter.ended();
  };
export const reported = (...jobs: number[]): Script => reportedAnd(jobs, async () => {});

/** What somebody does when the promotion that is carried out has come so far. */
export const when =
  (reached: (promotion: Promotion) => boolean, then: (promoter: Promoter, client: Client) => unknown) =>
  async (promoter: Promoter, client: Client): Promise<void> => {
    await promoter.until(reached);
    await then(promoter, client);
  };

/** What somebody does by hand with a version that has only been told of, when it is verified and on its way to production. */
export const byHandTo =
  (version: number, then: (promoter: Promoter) => Promise<unknown>): Script =>
  async (client) => {
    const { promoter } = client;
    await reported(version)(client);
    await promoter.promote(version, "staging");
    await promoter.ended();
    await promoter.promote(version, "production");
    await promoter.until(awaitsApproval);
    await then(promoter);
    await promoter.ended();
  };

export const awaitsApproval = ({ waiting_for }: Promotion): boolean => waiting_for === "approval";
export const rollsOutToStaging = ({ stages }: Promotion): boolean => stages.some(({ operation_id }) => operation_id !== null);
export const rollsOutToProduction = (promotion: Promotion): boolean => isInProduction(promotion);

export const approve = (promoter: Promoter): Promise<unknown> => promoter.approve();
export const abort = (promoter: Promoter): Promise<unknown> => promoter.abort();
export const abortPromotion: Script = async ({ promoter }) => {
  await promoter.abort();
  await promoter.ended();
};
