import { findInstanceType, type InstanceType } from "../catalogue/instance-types.ts";
import { findRuntime } from "../catalogue/runtimes.ts";
import { type Server, selfContainedServer } from "../catalogue/servers.ts";
import type { ReportedPlace } from "../reported-values.ts";
import type { ResolvedWorkload, Revision } from "../revision.ts";
import type { ComponentSpecification } from "../specification.ts";
import type { Component } from "../words.ts";

/** What one component of a revision runs as, put together from what the revision froze and the catalogue. */
export interface ServedComponent {
  specification: ComponentSpecification;
  resolved: ResolvedWorkload;
  server: Server;
  size: InstanceType;
  /** Whether the image is known to write nowhere but to its volumes. */
  readOnlyRootFilesystem: boolean;
}

/** Where its servers tell values of their own; undefined where none is kept. */
export function reportedPlace({ server, specification }: ServedComponent): ReportedPlace | undefined {
  const { path, names = [] } = specification.metrics ?? server.metrics ?? {};
  if (path === undefined || names.length === 0) return undefined;
  return { port: specification.metrics?.port ?? server.metrics?.port ?? server.port, path, names };
}

/** Runtimes whose servers write only below /tmp. Of a person's own image, and of the others, that is not known. */
const writesOnlyToVolumes: readonly string[] = ["onnx", "sklearn", "xgboost", "lightgbm", "tensorflow", "node"];

/** undefined when the revision has no such component. Throws RangeError for what the catalogue does not have. */
export function servedComponent({ specification, resolved, digests }: Revision, component: Component): ServedComponent | undefined {
  const own = specification[component];
  const frozen = resolved[component];
  if (!own || !frozen) return undefined;
  const image = pinned(frozen.image, digests?.[component]);
  const { runtime } = own;
  return {
    specification: own,
    resolved: frozen,
    server: runtime ? { ...serverOf(runtime), image } : selfContainedServer(image, own.health),
    size: sizeOf(own.instance_type),
    readOnlyRootFilesystem: runtime !== null && writesOnlyToVolumes.includes(runtime),
  };
}

/** A tag may have moved since: the digest says which bytes are meant. */
function pinned(image: string, digest: string | undefined): string {
  return digest === undefined || image.includes("@") ? image : `${image}@${digest}`;
}

function serverOf(runtime: string): Server {
  const found = findRuntime(runtime);
  if (!found) throw new RangeError(`runtime ${runtime} is not in the catalogue any more: store a revision with another one`);
  return found.server;
}

function sizeOf(instanceType: string): InstanceType {
  const found = findInstanceType(instanceType);
  if (!found) throw new RangeError(`instance type ${instanceType} is not in the catalogue any more: store a revision with another one`);
  return found;
}
