import { Logger } from "@aws-lambda-powertools/logger";
import type { Log as Warnings } from "../ports/surroundings.ts";

/** One JSON line per entry; level by POWERTOOLS_LOG_LEVEL. Never given a request's body, headers or env values. */
export const logger = new Logger({ serviceName: "slipway" });
export type Log = Pick<Logger, "info" | "warn" | "error" | "debug" | "appendKeys" | "resetKeys">;

/** The port of operations and syncs, on the function's logger. */
export const warnings: Warnings = { warn: (message, error) => (error ? logger.warn(message, error) : logger.warn(message)) };
