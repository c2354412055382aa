import type { Head } from "../../domain/deployment.ts";
import type { Revision } from "../../domain/revision.ts";
import type { DeploymentReader } from "../ports/record.ts";

export interface RevisionFilter {
  serving_name?: string | undefined;
  model_name?: string | undefined;
  model_version?: number | undefined;
}

const pageSize = 100;

/**
 * Revisions whose lines are asked for: logs carry no labels, and the names of instances carry the revision. null: all;
 * empty: none, because nothing of this deployment ever ran that.
 */
export async function wantedRevisions(record: DeploymentReader, head: Head, filter: RevisionFilter): Promise<number[] | null> {
  if (filter.serving_name !== undefined && filter.serving_name !== head.id) return [];
  if (filter.model_name === undefined && filter.model_version === undefined) return null;
  const wanted: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await record.revisions(head.uid, { limit: pageSize, ...(cursor !== undefined && { cursor }) });
    wanted.push(...page.items.filter((each) => ran(each, filter)).map(({ revision }) => revision));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return wanted.sort((one, other) => one - other);
}

function ran({ specification, resolved }: Revision, { model_name, model_version }: RevisionFilter): boolean {
  const { model } = specification.predictor;
  const name = model?.name ?? resolved.predictor.model_name;
  return (model_name === undefined || name === model_name) && (model_version === undefined || model?.version === model_version);
}
