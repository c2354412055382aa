import { Logger } from "@aws-lambda-powertools/logger";

/** One JSON line per entry; level by POWERTOOLS_LOG_LEVEL. Never given a request's body, headers or env values. */
export const logger = new Logger({ serviceName: "slipway" });
export type Log = Pick<Logger, "info" | "warn" | "error" | "debug" | "appendKeys" | "resetKeys">;
