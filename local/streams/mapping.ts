import { type Pattern, refuseUnknownMatchers } from "../aws/events/pattern.ts";
import type { Application, Resource } from "../template/application.ts";

/** An event source mapping from a table's stream to a function. */
export interface StreamMapping {
  id: string;
  /** As the template names it. */
  stream_arn: string;
  function_name: string;
  starting_position: "TRIM_HORIZON" | "LATEST";
  batch_size: number;
  /** A record passes when one of them matches; none: every record. */
  filters: Pattern[];
  partial_failures: boolean;
  bisect: boolean;
  /** Infinity: until the record is too old. */
  retries: number;
  oldest_seconds: number;
  /** ARN of a queue. */
  on_failure: string | null;
}

/** Errors: a source that is no stream of a table. */
export function readMappings(application: Application): StreamMapping[] {
  return application
    .ofType("AWS::Lambda::EventSourceMapping")
    .filter(({ properties }) => properties.Enabled !== false)
    .map(readMapping);
}

interface MappingProperties {
  EventSourceArn: string;
  FunctionName: string;
  StartingPosition?: "TRIM_HORIZON" | "LATEST";
  BatchSize?: number;
  FilterCriteria?: { Filters?: { Pattern: string }[] };
  FunctionResponseTypes?: string[];
  BisectBatchOnFunctionError?: boolean;
  MaximumRetryAttempts?: number;
  MaximumRecordAgeInSeconds?: number;
  DestinationConfig?: { OnFailure?: { Destination: string } };
}

function readMapping({ ref, path, properties }: Resource): StreamMapping {
  const given = properties as unknown as MappingProperties;
  if (!/:dynamodb:.*\/stream\//.test(given.EventSourceArn))
    throw new Error(`${path}: the local runtime reads streams of tables only, not ${given.EventSourceArn}`);
  const filters = (given.FilterCriteria?.Filters ?? []).map(({ Pattern: text }) => JSON.parse(text) as Pattern);
  for (const filter of filters) refuseUnknownMatchers(filter);
  const unlimited = (value: number | undefined): number => (value === undefined || value < 0 ? Number.POSITIVE_INFINITY : value);
  return {
    id: ref,
    stream_arn: given.EventSourceArn,
    function_name: given.FunctionName.split(":").at(-1) ?? given.FunctionName,
    starting_position: given.StartingPosition ?? "LATEST",
    batch_size: given.BatchSize ?? 100,
    filters,
    partial_failures: given.FunctionResponseTypes?.includes("ReportBatchItemFailures") ?? false,
    bisect: given.BisectBatchOnFunctionError ?? false,
    retries: unlimited(given.MaximumRetryAttempts),
    oldest_seconds: unlimited(given.MaximumRecordAgeInSeconds),
    on_failure: given.DestinationConfig?.OnFailure?.Destination ?? null,
  };
}
