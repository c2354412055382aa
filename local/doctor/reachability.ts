import { ApiError, type KubernetesApi, Unreachable } from "../kubeconfig/api.ts";
import { KubeconfigError } from "../kubeconfig/file.ts";
import { broken, type Finding, fine, unknown } from "./finding.ts";

/** ValidatingAdmissionPolicy is on by default from here on. */
const oldestMinor = 30;

export async function reachability(api: KubernetesApi): Promise<Finding[]> {
  const { server } = api.connection;
  try {
    const { gitVersion } = await api.get<{ gitVersion: string }>("/version");
    // Anybody may ask for the version: only this shows that the cluster knows who asks.
    await api.get("/apis");
    return [fine("reachable", `${server.href} answers, and knows the kubeconfig's user`), versionFinding(gitVersion)];
  } catch (error) {
    return [unreachable(error)];
  }
}

function unreachable(error: unknown): Finding {
  if (error instanceof KubeconfigError)
    return broken("reachable", error.message, "mend the kubeconfig, or take another context: --context NAME");
  if (error instanceof ApiError && error.status === 401) {
    return broken(
      "reachable",
      `the cluster does not know the kubeconfig's user (401)`,
      "renew the token, certificate or sign-in that the context uses",
    );
  }
  if (error instanceof ApiError && error.status === 403)
    return broken("reachable", error.message, "take a context whose user has rights in the cluster");
  if (!(error instanceof Unreachable)) throw error;
  return broken("reachable", error.message, remedyFor(error.code));
}

function remedyFor(code: string): string {
  if (code === "CERT_HAS_EXPIRED") return "the server's certificate has ended: renew it, and the authority in the kubeconfig with it";
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME|VERIFY|SSL|ERR_TLS/.test(code))
    return "the kubeconfig's certificate-authority must be the one of this server, and its name in the certificate (tls-server-name)";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return "the server's name is not known here: check it, and the VPN or DNS that knows it";
  return "check that the cluster runs, and that this machine may reach it (VPN, firewall, proxy-url)";
}

export function versionFinding(gitVersion: string): Finding {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  if (major === undefined)
    return unknown("version", `the cluster calls its version ${gitVersion}`, `make sure that it is Kubernetes 1.${oldestMinor} or later`);
  if (Number(major) > 1 || Number(minor) >= oldestMinor) return fine("version", `Kubernetes ${gitVersion}`);
  return broken(
    "version",
    `Kubernetes ${gitVersion}, and ValidatingAdmissionPolicy is in 1.${oldestMinor} and later`,
    "upgrade the cluster",
  );
}
