import { cloudwatchLogs } from "../adapters/cloudwatch-logs.ts";
import { lambdaMasking } from "../adapters/lambda-masking.ts";
import { s3LogExports } from "../adapters/s3-log-exports.ts";
import { writeLogExport } from "../logs/write-log-export.ts";
import type { ExportStart } from "../ports/log-exports.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { logsClient } from "../runtime/clients.ts";
import { eventHandler } from "../runtime/event-handler.ts";
import { warnings } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("WriteLogExport");
const ports = {
  history: cloudwatchLogs(logsClient()),
  exports: s3LogExports(awsSurroundings("S3"), settings.LOG_EXPORTS_BUCKET_NAME),
  maskSecrets: lambdaMasking(settings.MASK_SECRETS_FUNCTION_NAME, awsSurroundings("LAMBDA")),
  clock: systemClock,
  log: warnings,
};

export const handler = eventHandler((start: ExportStart, { remainingMilliseconds }) => writeLogExport(start, ports, remainingMilliseconds));
