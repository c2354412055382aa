import { WorkflowError } from "../../domain/errors.ts";
import { KubernetesError } from "../ports/cluster.ts";

/**
 * Around a step: gives its errors the form in which the state machine can match them and record-failure can read them.
 * Lambda passes on a name and a message and nothing else, so the reason goes before the message. What the Kubernetes
 * API refuses for good becomes `ClusterRefused`, in the API's own words.
 */
export function withTaskErrors<Given extends unknown[], Result>(step: (...given: Given) => Promise<Result>) {
  return async (...given: Given): Promise<Result> => {
    try {
      return await step(...given);
    } catch (error) {
      if (error instanceof KubernetesError) throw told(new WorkflowError("ClusterRefused", error.reason, error.message));
      throw error instanceof WorkflowError ? told(error) : error;
    }
  };
}

const told = ({ name, reason, message }: WorkflowError): WorkflowError =>
  new WorkflowError(name as ConstructorParameters<typeof WorkflowError>[0], reason, `${reason}: ${message}`);

/** The reason and message of an error of ours as it came out of a Task. */
export function heard(text: string): { reason: string; message: string } | undefined {
  const [, reason, message] = /^([A-Z][A-Za-z0-9]*): (.*)$/s.exec(text) ?? [];
  return reason === undefined || message === undefined ? undefined : { reason, message };
}
