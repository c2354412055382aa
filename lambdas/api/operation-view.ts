import type { Answer } from "../../contract/answers.ts";
import type { Operation } from "../../domain/operation.ts";

/** An operation as it crosses the wire; its epoch is the machinery's own. */
export function operationView({ epoch: _, ...operation }: Operation): Answer<"Operation"> {
  return operation;
}

export const operationLocation = ({ id }: Operation): Record<string, string> => ({ location: `/v1/operations/${id}` });
