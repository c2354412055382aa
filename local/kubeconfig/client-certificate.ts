import { X509Certificate } from "node:crypto";
import { KubeconfigError } from "./file.ts";

/** What a user shows of itself; PEM. */
export interface ClientCertificate {
  certificate?: string | undefined;
  key?: string | undefined;
}

/** Read once from each certificate, and not for each request. */
const terms = new WeakMap<ClientCertificate, X509Certificate>();

/** An API server would only say that it does not know who asks. Errors: KubeconfigError for one that does not hold at this moment. */
export function refuseOutOfTime(context: string, shown: ClientCertificate): void {
  if (!shown.certificate) return;
  const read = terms.get(shown) ?? new X509Certificate(shown.certificate);
  terms.set(shown, read);
  const { validFromDate, validToDate, subject } = read;
  const who = subject.replaceAll("\n", ", ");
  if (Date.now() > validToDate.getTime())
    throw new KubeconfigError(
      `The client certificate of the context ${context} (${who}) ended on ${validToDate.toISOString()}: renew it, as whoever gave out the kubeconfig does`,
    );
  if (Date.now() < validFromDate.getTime())
    throw new KubeconfigError(
      `The client certificate of the context ${context} (${who}) begins on ${validFromDate.toISOString()}: is this machine's clock right?`,
    );
}
