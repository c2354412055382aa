import { seenSlot } from "../../domain/current-condition.ts";
import type { Head } from "../../domain/deployment.ts";
import { Problem, WorkflowError } from "../../domain/errors.ts";
import type { Instance, Observed } from "../../domain/observed.ts";
import { components, slotNames } from "../../domain/words.ts";
import { isRefusal } from "../ports/cluster.ts";
import type { Caller } from "./caller.ts";
import { findState } from "./find-deployment.ts";
import type { Reading } from "./installation.ts";
import type { TellLook } from "./tell-look.ts";

/** What is known of a deployment, and where it is known from. */
export interface Sight {
  head: Head;
  observed: Observed | undefined;
  source: "record" | "cluster";
}

/** Looks at the cluster itself, by the same rules as the steps do. */
export type LookLive = (head: Head, observed: Observed | undefined) => Promise<Observed>;

export interface Looking extends Reading {
  tellLook: TellLook;
}

/** From the record; with `lookLive` from the cluster, now. */
export async function getSight(
  { record, tellLook }: Looking,
  caller: Caller,
  reference: string,
  lookLive: LookLive | undefined,
): Promise<Sight> {
  const { head, observed } = await findState(record, caller, reference);
  await tellLook(head);
  if (!lookLive) return { head, observed, source: "record" };
  try {
    return { head, observed: await lookLive(head, observed), source: "cluster" };
  } catch (error) {
    if (error instanceof WorkflowError && error.name === "ClusterUnavailable") throw unreachable(head, "does not answer", error);
    throw isRefusal(error) ? unreachable(head, "does not let us look", error) : error;
  }
}

const unreachable = ({ id, place }: Head, how: string, { message }: Error) =>
  new Problem(
    "cluster-unreachable",
    `the cluster ${place.cluster} of ${id} ${how}: ${message}. Without live=true the answer comes from the record`,
  );

/** Instances of the slots that the deployment has now, blue before green, predictor before transformer. */
export function instancesOf({ head, observed }: Pick<Sight, "head" | "observed">): Instance[] {
  return slotNames.flatMap((slot) => {
    const seen = seenSlot(head, observed, slot);
    return components.flatMap((component) => seen?.components[component]?.instances ?? []);
  });
}
