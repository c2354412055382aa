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

export const awaitsApproval = ({ waiting_for }: Promotion): boolean => waiting_for === "approval";
export const rollsOutToStaging = ({ stages }: Promotion): boolean => stages.some(({ operation_id }) => operation_id !== null);
export const rollsOutToProduction = (promotion: Promotion): boolean => isInProduction(promotion);

export const approve = (promoter: Promoter): Promise<unknown> => promoter.approve();
export const abort = (promoter: Promoter): Promise<unknown> => promoter.abort();
export const abortPromotion: Script = async ({ promoter }) => {
  await promoter.abort();
  await promoter.ended();
};
