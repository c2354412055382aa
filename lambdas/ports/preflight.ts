import type { Finding } from "../../domain/finding.ts";
import type { PreflightQuestion } from "../../domain/preflight.ts";

/** What the cluster says of a revision before anything is made of it. Errors: whoever asks the cluster could not be asked. */
export type AskCluster = (question: PreflightQuestion) => Promise<Finding[]>;
