import { defaultProvider } from "./environment-credentials.ts";

/**
 * Region, endpoint and credentials come from the environment. Waiting is bounded: the SDK's own default is to wait for
 * ever, which a function would pay for until its time is up.
 */
export const clientDefaults = (attemptMilliseconds: number) => ({
  credentials: defaultProvider(),
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: attemptMilliseconds, throwOnRequestTimeout: true },
});
