/** A refusal in the words of an AWS service; `endpoint.ts` renders it in the protocol of the service. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    // The service's own name for it, by which workflows and callers tell errors apart.
    this.name = code;
    this.code = code;
    this.status = status;
  }
}
