import { invalidInput } from "../../contract/parse.ts";
import type { SpecificationInput } from "../../contract/specification.ts";
import { predictorErrors, transformerErrors } from "../../contract/what-to-run.ts";
import { findRuntime, type Runtime, runtimeOf } from "../../domain/catalogue/runtimes.ts";
import { type InputError, Problem } from "../../domain/errors.ts";
import type { ModelVersion } from "../../domain/model.ts";
import type { ResolvedWorkload, Revision } from "../../domain/revision.ts";
import type { ComponentSpecification, Specification } from "../../domain/specification.ts";
import type { Component } from "../../domain/words.ts";
import type { Registry } from "../ports/record.ts";
import { requireLocation } from "./require-location.ts";

/** What its caller has read a moment ago. */
export interface KnownOfRegistry {
  version?: ModelVersion;
  /** Where the artifacts of the deployment's group may lie. */
  locations?: string[] | null;
}

/**
 * What catalogue and registry say now, frozen with the revision so that neither can change it later. A model version that
 * is given without a runtime is served by its own; where it knows none by `otherwise`, which served what was before it.
 */
export async function resolveWorkload(
  registry: Registry,
  given: Specification,
  otherwise: string | null = null,
  known: KnownOfRegistry = {},
): Promise<Pick<Revision, "specification" | "resolved">> {
  const { group, transformer } = given;
  const { model, image } = given.predictor;
  const version = model && image === null ? await findVersion(registry, group, model, known.version) : null;
  const specification = version ? withRuntime(given, version, otherwise) : given;
  const predictor = resolvePredictor(specification, version);
  const asked = { modelLocations: async (of: string) => (known.locations === undefined ? registry.modelLocations(of) : known.locations) };
  const field = version ? "predictor.model.version" : "predictor.model_uri";
  if (predictor.artifact_uri !== null) await requireLocation(asked, group, predictor.artifact_uri, field);
  if (transformer?.script_uri) await requireLocation(asked, group, transformer.script_uri, "transformer.script_uri");
  return { specification, resolved: { predictor, transformer: transformer && resolveTransformer(transformer, predictor) } };
}

/** Rules that a runtime decides about could not be asked before it was known. */
function withRuntime(given: Specification, version: ModelVersion, otherwise: string | null): Specification {
  if (given.predictor.runtime !== null) return given;
  const runtime = version.runtime ?? otherwise ?? runtimeOf(version);
  if (runtime === undefined) {
    const framework =
      version.framework === null ? "neither a runtime nor a framework" : `the framework ${version.framework}, which none serves`;
    const message = `version ${version.version} of model ${version.name} was registered with ${framework}: give the runtime that serves it. GET /v1/runtimes lists them`;
    throw invalid("predictor.runtime", message, null);
  }
  const specification = { ...given, predictor: { ...given.predictor, runtime } };
  const { predictor, transformer } = specification as unknown as SpecificationInput;
  const errors = [...predictorErrors(predictor), ...transformerErrors(transformer, predictor)];
  if (errors.length > 0) throw invalidInput("body", errors);
  return specification;
}

/** A script that is not somewhere else lies beside the predictor's model. */
function resolveTransformer(
  { runtime, image, script_uri }: ComponentSpecification,
  { artifact_uri, model_name }: ResolvedWorkload,
): ResolvedWorkload {
  if (image !== null) return { image, artifact_uri: null, model_name };
  return { image: runtimeNamed(runtime, "transformer").server.image, artifact_uri: script_uri ? null : artifact_uri, model_name };
}

function runtimeNamed(name: string | null, component: Component): Runtime {
  const runtime = findRuntime(name ?? "");
  if (!runtime) throw invalid(`${component}.runtime`, "no such runtime. GET /v1/runtimes lists them", name);
  return runtime;
}

function resolvePredictor({ id, predictor }: Specification, version: ModelVersion | null): ResolvedWorkload {
  if (predictor.image !== null) return { image: predictor.image, artifact_uri: null, model_name: id };
  const runtime = runtimeNamed(predictor.runtime, "predictor");
  const { image } = runtime.server;
  if (version === null) return { image, artifact_uri: predictor.model_uri, model_name: id };
  if (version.runtime !== null && version.runtime !== runtime.name) {
    const message = `version ${version.version} of model ${version.name} was registered for the runtime ${version.runtime}: give that one`;
    throw invalid("predictor.runtime", message, runtime.name);
  }
  const { artifact_uri, name: model_name, signature } = version;
  return { image, artifact_uri, model_name, ...(signature && { signature }) };
}

type Reference = Pick<ModelVersion, "name" | "version">;

async function findVersion(registry: Registry, group: string, { name, version }: Reference, known?: ModelVersion): Promise<ModelVersion> {
  const isKnown = known?.group === group && known.name === name && known.version === version;
  const found = isKnown ? known : await registry.modelVersion(group, name, version);
  if (found) return found;
  const model = await registry.model(group, name);
  if (!model)
    throw invalid("predictor.model.name", `the group ${group} has no model of this name. GET /v1/models?group=${group} lists them`, name);
  const which = model.latest_version === 0 ? "it has no versions yet" : `its newest is ${model.latest_version}`;
  throw invalid("predictor.model.version", `the model ${group}/${name} has no such version: ${which}`, version);
}

function invalid(path: string, message: string, given: unknown): Problem {
  const error: InputError = { path, message, given };
  return new Problem("invalid-input", `The body is not valid. ${path}: ${message} (given ${JSON.stringify(given)})`, { errors: [error] });
}
