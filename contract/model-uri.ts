import * as z from "zod/mini";
import { isImageReference } from "./image-reference.ts";

/**
 * Where an artifact lies, parsed once and strictly: what the storage-initializer gets is what was looked at here.
 * `s3://bucket/key hf://organisation/model[:revision] oci://image pvc://claim[/path] gs://bucket/object https://host/path`
 */
export interface ModelUri {
  scheme: ModelUriScheme;
  /** Bucket, organisation, image, claim or host. */
  place: string;
  /** Without a leading slash; empty for `oci://` and for a whole claim. */
  path: string;
}

export const modelUriSchemes = ["s3", "hf", "oci", "pvc", "gs", "https"] as const;
export type ModelUriScheme = (typeof modelUriSchemes)[number];

const maxLength = 1024;
const schemes = modelUriSchemes.map((scheme) => `${scheme}://`).join(" ");
const bucket = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;
const claim = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
const hubName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/;
const hubModel = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}(?::[A-Za-z0-9][A-Za-z0-9._-]{0,95})?$/;

/** Gives the parts, or what is wrong in words. Never throws, never looks anything up. */
export function parseModelUri(text: string): ModelUri | { wrong: string } {
  if (text.length > maxLength) return { wrong: `at most ${maxLength} characters` };
  const parts = /^([a-z0-9]+):\/\/([^/]*)(?:\/(.*))?$/s.exec(text);
  const scheme = modelUriSchemes.find((known) => known === parts?.[1]);
  if (!parts || !scheme) return { wrong: `a model location begins with one of ${schemes}` };
  if (!/^[\x21-\x7e]*$/.test(text)) return { wrong: "no blanks, control characters or letters outside ASCII in a model location" };
  const odd = /[%\\#?"'<>^`{|}]/.exec(text);
  if (odd) return { wrong: `no ${odd[0]} in a model location: what is written is what is fetched, without decoding or queries` };
  const uri: ModelUri = { scheme, place: parts[2] ?? "", path: parts[3] ?? "" };
  const wrong = rules[scheme](uri) ?? wrongPath(uri);
  return wrong === undefined ? uri : { wrong };
}

type Rule = (uri: ModelUri) => string | undefined;
const rules: Record<ModelUriScheme, Rule> = {
  s3: (uri) => bucketAndKey(uri, "s3://bucket/key"),
  gs: (uri) => bucketAndKey(uri, "gs://bucket/object"),
  hf: ({ place, path }) =>
    hubName.test(place) && hubModel.test(path) ? undefined : "as hf://organisation/model or hf://organisation/model:revision",
  oci: ({ place, path }) => (path !== "" && isImageReference(`${place}/${path}`) ? undefined : "as oci://registry.example/team/model:tag"),
  pvc: ({ place }) => (place.length <= 253 && claim.test(place) ? undefined : "as pvc://claim/path, with the claim's name"),
  https: ({ place, path }) => wrongHost(place) ?? (path === "" ? "as https://host/path: the path is missing" : undefined),
};

const bucketAndKey = ({ place, path }: ModelUri, shape: string) => (bucket.test(place) && path !== "" ? undefined : `as ${shape}`);

function wrongPath({ scheme, path }: ModelUri): string | undefined {
  if (scheme === "oci" || scheme === "hf") return undefined; // their grammars are closed already
  const segments = path.replace(/\/$/, "").split("/");
  if (segments.includes("..") || segments.includes(".")) return 'no "." or ".." in the path of a model location';
  return path !== "" && segments.includes("") ? "no empty part (//) in the path of a model location" : undefined;
}

/** Host names of one machine or one network, which the public never serves a model from. */
const nearHosts = /(?:^|\.)(?:localhost|local|svc|localdomain)$|^metadata\.google\.internal$|^instance-data\.ec2\.internal$/;

function wrongHost(place: string): string | undefined {
  if (place.includes("@")) return "no user name or password in a model location: give access by the group's role or a Secret";
  const parts = /^([A-Za-z0-9.-]+)(?::([0-9]{1,5}))?$/.exec(place);
  const host = parts?.[1]?.toLowerCase() ?? "";
  if (!parts || host.length > 253 || Number(parts[2] ?? 443) > 65_535) return "as https://host.example/path";
  const labels = host.split(".");
  // A last label that begins with a digit would be an address, in one of its many spellings (127.1, 0x7f.1, 2130706433).
  if (/^[0-9]/.test(labels.at(-1) ?? "")) return "a host name, not an address: addresses reach into private networks";
  if (labels.length < 2 || nearHosts.test(host)) return "a host name that resolves outside the cluster, as https://host.example/path";
  return labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) ? undefined : "as https://host.example/path";
}

export const modelUri = z.string().check((context) => {
  const parsed = parseModelUri(context.value);
  if ("wrong" in parsed) context.issues.push({ code: "custom", message: parsed.wrong, input: context.value });
});
