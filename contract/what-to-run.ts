import { instanceTypes } from "../domain/catalogue/instance-types.ts";
import { isScriptFile, protocolOf, runsScripts, runtimes, scriptRuntimeNames } from "../domain/catalogue/runtimes.ts";
import type { InputError } from "../domain/errors.ts";
import type { PredictorInput, TransformerInput } from "./specification.ts";

/** What is to be run, and where it is: rules that span the fields of a component, or of both. */

const oneModel = "give either model or model_uri: set the other to null";
const scriptRuntimes = scriptRuntimeNames.join(", ");
const at = (component: "predictor" | "transformer") => (field: string, message: string) => [{ path: `${component}.${field}`, message }];

/** Either a runtime of the catalogue with exactly one place of the model, or an image that carries its own. A model of the registry may go without. */
export function predictorErrors(predictor: PredictorInput): InputError[] {
  const { runtime, image, model, model_uri, script_uri } = predictor;
  const wrong = at("predictor");
  if (runtime === null && image === null) {
    if (model === null) return wrong("runtime", "give what to run: a runtime with a model, or an image");
    // What serves the version, the registry knows: these rules are asked again when it has said so.
    return model_uri === null ? [] : wrong("model_uri", oneModel);
  }
  if (runtime !== null && image !== null) return wrong("image", "give either a runtime or an image: set the other to null");
  const misplaced = [...scriptErrors("predictor", predictor), ...healthErrors("predictor", predictor)];
  if (misplaced.length > 0) return misplaced;
  if (image !== null) {
    const extra = model !== null ? "model" : model_uri !== null ? "model_uri" : undefined;
    return extra === undefined
      ? []
      : wrong(extra, "an image carries its own model: leave this out, or give a runtime in place of the image");
  }
  if (model === null && model_uri === null && script_uri === undefined) {
    const orScript = runsScripts(runtime) ? ", or the script_uri of a script that needs no model" : "";
    return wrong("model", `give the model to serve: model (name and version) or model_uri${orScript}`);
  }
  if (model !== null && model_uri !== null) return wrong("model_uri", oneModel);
  if (runtime !== null && runtimes[runtime].needs_gpu && instanceTypes[predictor.instance_type].gpu === 0)
    return wrong("instance_type", `the runtime ${runtime} needs a GPU: give gpu.standard or gpu.xlarge`);
  return [];
}

/** Either an image, or a runtime with a script that lies somewhere; what the script asks has to speak of tensors. */
export function transformerErrors(transformer: TransformerInput | null, predictor: PredictorInput): InputError[] {
  if (transformer === null) return [];
  const { runtime, image, script_uri } = transformer;
  const wrong = at("transformer");
  if (runtime === null && image === null)
    return wrong("image", `give what to run: an image, or a runtime (${scriptRuntimes}) with a script`);
  if (runtime !== null && image !== null) return wrong("image", "give either a runtime or an image: set the other to null");
  const misplaced = [...scriptErrors("transformer", transformer), ...healthErrors("transformer", transformer)];
  if (misplaced.length > 0 || runtime === null) return misplaced;
  if (script_uri === undefined && predictor.model === null && predictor.model_uri === null)
    return wrong("script_uri", "the predictor has no artifact in which the script could lie: give where the script is");
  if (protocolOf(predictor.runtime) === "openai")
    return wrong("runtime", `a script transforms tensors, and ${predictor.runtime} speaks of completions: give an image of your own`);
  return [];
}

function scriptErrors(
  component: "predictor" | "transformer",
  { runtime, image, script, script_uri }: PredictorInput | TransformerInput,
): InputError[] {
  const field = script !== undefined ? "script" : script_uri !== undefined ? "script_uri" : undefined;
  if (script !== undefined && runsScripts(runtime) && !isScriptFile(script))
    return at(component)("script", "a script of Node.js ends in .mjs, .js, .cjs, .ts, .mts or .cts");
  if (field === undefined || runsScripts(runtime)) return [];
  const what = image !== null ? "an image runs what it carries" : `the runtime ${runtime} runs no script`;
  return at(component)(field, `${what}: leave this out, or give a runtime that does (${scriptRuntimes})`);
}

function healthErrors(component: "predictor" | "transformer", { runtime, health }: PredictorInput | TransformerInput): InputError[] {
  if (health === undefined || runtime === null) return [];
  return at(component)("health", `the runtime ${runtime} is asked where its server answers: leave this out, or give an image of your own`);
}
