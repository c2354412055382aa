import type { KubernetesObject } from "../../../domain/kubernetes.ts";
import type { Placement } from "../../../domain/manifests/placement.ts";
import type { Revision } from "../../../domain/revision.ts";
import type { Specification } from "../../../domain/specification.ts";
import { aHead, aRevision, aSpecification } from "../../doubles/deployments.ts";

export const uid = "01JD7Z0000000000000000AAAA";

export function placement(over: Partial<Placement> = {}, specification: Partial<Specification> = {}): Placement {
  const revision: Revision = aRevision(3, { specification: aSpecification(specification) });
  return {
    deployment: aHead({ uid }),
    slot: "green",
    record: { revision: 3, epoch: 12, desired: { predictor: 2, transformer: null } },
    revision,
    secrets: {},
    ...over,
  };
}
export const predictor = (over: Partial<Specification["predictor"]>) => ({ ...aSpecification().predictor, ...over });

/** The API's own shape, read as loosely as a test may. */
// biome-ignore lint/suspicious/noExplicitAny: an object of the Kubernetes API, of whatever kind
export type Loose = any;
export function find(objects: KubernetesObject[], kind: string, component = "predictor"): Loose {
  return objects.find((object) => object.kind === kind && object.metadata.labels?.["slipway.dev/component"] === component);
}
export const podOf = (objects: KubernetesObject[], component = "predictor"): Loose =>
  find(objects, "Deployment", component).spec.template.spec;

export const withTransformer = (scaling_config = aSpecification().predictor.scaling_config): Placement => {
  const transformer = {
    runtime: null,
    image: "registry.example/features:2",
    image_pull_secret: null,
    instance_type: "cpu.small",
    scaling_config,
    env: [],
  };
  const base = placement({}, { predictor: predictor({ scaling_config }), transformer });
  const resolved = { ...base.revision.resolved, transformer: { image: transformer.image, artifact_uri: null, model_name: "card-fraud" } };
  return { ...base, record: { ...base.record, desired: { predictor: 2, transformer: 1 } }, revision: { ...base.revision, resolved } };
};
