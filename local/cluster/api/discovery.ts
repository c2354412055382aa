import { kindRules } from "./kinds.ts";

const verbs = ["create", "delete", "get", "list", "patch", "update", "watch"];
const serverVersion = {
  major: "1",
  minor: "35",
  gitVersion: "v1.35.4-slipway-local",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "2026-01-01T00:00:00Z",
  goVersion: "none: the local cluster runs on Node.js",
  compiler: "none",
  platform: "linux/amd64",
};

/** What kubectl may say instead of the plural. */
const shortNames: Record<string, string[]> = {
  ...{ namespaces: ["ns"], nodes: ["no"], pods: ["po"], services: ["svc"], configmaps: ["cm"], serviceaccounts: ["sa"], events: ["ev"] },
  ...{ resourcequotas: ["quota"], deployments: ["deploy"], replicasets: ["rs"], horizontalpodautoscalers: ["hpa"] },
  ...{ poddisruptionbudgets: ["pdb"], networkpolicies: ["netpol"], gatewayclasses: ["gc"], gateways: ["gtw"] },
};
/** Subresources that are of another kind than what they are below. */
const ownKinds: Record<string, { group: string; version: string; kind: string }> = {
  scale: { group: "autoscaling", version: "v1", kind: "Scale" },
  eviction: { group: "policy", version: "v1", kind: "Eviction" },
};
/** What `kubectl get all` shows. */
const ofAll = ["pods", "services", "deployments", "replicasets", "horizontalpodautoscalers"];

/** The documents that say which API there is; undefined for a path that is none of them. */
export function discoveryDocument(path: string): object | undefined {
  const [root, group, version, ...more] = path.split("/").filter(Boolean);
  if (more.length > 0) return undefined;
  if (root === "version" && !group) return serverVersion;
  if (root === "api" && !group) return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  if (root === "api" && group === "v1" && !version) return resourceList("", "v1");
  if (root !== "apis") return undefined;
  if (!group) return { kind: "APIGroupList", apiVersion: "v1", groups: groupNames().map(groupDocument) };
  if (!groupNames().includes(group)) return undefined;
  if (!version) return { kind: "APIGroup", apiVersion: "v1", ...groupDocument(group) };
  return resourceList(group, version);
}

export function isHealthPath(path: string): boolean {
  return ["/healthz", "/livez", "/readyz"].includes(path);
}

function groupNames(): string[] {
  return [...new Set(kindRules.map((rule) => rule.group).filter(Boolean)), "authorization.k8s.io"];
}

function groupDocument(name: string) {
  const version = kindRules.find((rule) => rule.group === name)?.version ?? "v1";
  const entry = { groupVersion: `${name}/${version}`, version };
  return { name, versions: [entry], preferredVersion: entry };
}

function resourceList(group: string, version: string): object | undefined {
  const resources = kindRules
    .filter((rule) => rule.group === group && rule.version === version)
    .flatMap((rule) => {
      const { kind, namespaced, plural } = rule;
      const short = shortNames[plural] && { shortNames: shortNames[plural] };
      const own = {
        name: plural,
        singularName: kind.toLowerCase(),
        namespaced,
        kind,
        verbs,
        ...short,
        ...(ofAll.includes(plural) && { categories: ["all"] }),
      };
      const below = rule.subresources.map((name) => ({
        name: `${plural}/${name}`,
        singularName: "",
        namespaced,
        ...(ownKinds[name] ?? { kind }),
        verbs: name === "eviction" ? ["create"] : ["get", "patch", "update"],
      }));
      return [own, ...below];
    });
  if (group === "authorization.k8s.io") {
    for (const kind of ["SelfSubjectAccessReview", "SubjectAccessReview"]) {
      const singularName = kind.toLowerCase();
      resources.push({ name: `${singularName}s`, singularName, namespaced: false, kind, verbs: ["create"] });
    }
  }
  if (resources.length === 0) return undefined;
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion: group ? `${group}/${version}` : version, resources };
}
