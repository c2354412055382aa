import { AwsError } from "../error.ts";
import { sqsQueryCode } from "./errors.ts";

type Body = Record<string, unknown>;

const mostEntries = 10;

/** Does one thing for each entry, which succeeds or fails on its own. Errors: no entries, too many, or their ids. */
export function inBatch(body: Body, once: (entry: Body) => object): object {
  const entries = (body.Entries ?? []) as Body[];
  const ids = entries.map(({ Id }) => String(Id));
  if (entries.length === 0) throw new AwsError("EmptyBatchRequest", "There should be at least one entry in the request.");
  if (entries.length > mostEntries)
    throw new AwsError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${mostEntries}. You have sent ${entries.length}.`,
    );
  if (new Set(ids).size < ids.length)
    throw new AwsError("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
  const odd = ids.find((id) => !/^[\w-]{1,80}$/.test(id));
  if (odd !== undefined)
    throw new AwsError(
      "InvalidBatchEntryId",
      `A batch entry id can only contain alphanumeric characters, hyphens and underscores, given ${odd}`,
    );
  const results = entries.map((entry) => attempt(entry, once));
  const failed = results.filter((result) => "Code" in result);
  return { Successful: results.filter((result) => !("Code" in result)), ...(failed.length > 0 && { Failed: failed }) };
}

function attempt(entry: Body, once: (entry: Body) => object): object {
  const Id = String(entry.Id);
  try {
    return { Id, ...once(entry) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { Id, Code: sqsQueryCode(error.code), Message: error.message, SenderFault: true };
  }
}
