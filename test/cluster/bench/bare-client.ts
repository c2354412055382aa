import type { Any, ApiClient } from "../support/api-client.ts";
import { gatewayPlace } from "../support/cluster-info.ts";
import type { Moments } from "./moments.ts";
import { type Timed, timed } from "./seconds.ts";

interface Stage {
  namespace: string;
  image: string;
  moments: Moments;
}

/** The least that any rollout has to do: it creates a Deployment, waits until it is available, and moves a route by one PATCH. */
export class BareClient {
  private readonly api: ApiClient;
  private readonly stage: Stage;
  private round = 0;

  constructor(api: ApiClient, stage: Stage) {
    this.api = api;
    this.stage = stage;
  }

  async play(size: number): Promise<Timed[]> {
    this.round += 1;
    const names = Array.from({ length: size }, (_, index) => `bare-${size}-${index}`);
    await Promise.all(names.map((name) => this.makeRoute(name)));
    const timed = await Promise.all(names.map((name) => this.rollOut(name)));
    const { deployments, routes } = this.paths;
    await Promise.all(
      names.flatMap((name) => [this.api.delete(`${deployments}/${this.next(name)}`), this.api.delete(`${routes}/${name}`)]),
    );
    return timed;
  }

  private async rollOut(name: string): Promise<Timed> {
    const { namespace, moments } = this.stage;
    const began = performance.now();
    const next = this.next(name);
    await this.api.make(this.paths.deployments, this.deployment(next));
    await moments.whenReady(namespace, next);
    await this.api.patch(`${this.paths.routes}/${name}`, { spec: this.route(name, next).spec });
    return timed(began, await moments.of(namespace, next));
  }

  private async makeRoute(name: string): Promise<void> {
    await this.api.make(this.paths.routes, this.route(name, "none"));
  }

  private next(name: string): string {
    return `${name}-${this.round}`;
  }

  private get paths() {
    const { namespace } = this.stage;
    return {
      deployments: `/apis/apps/v1/namespaces/${namespace}/deployments`,
      routes: `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`,
    };
  }

  private route(name: string, backend: string): Any {
    const matches = [{ path: { type: "PathPrefix", value: `/${name}` } }];
    const spec = { parentRefs: [gatewayPlace], rules: [{ matches, backendRefs: [{ name: backend, port: 80 }] }] };
    return { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata: { name }, spec };
  }

  /** Restricted, as the product's namespaces ask for. */
  private deployment(name: string): Any {
    const labels = { app: name };
    const securityContext = {
      ...{ allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: 1000 },
      ...{ capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" } },
    };
    const resources = { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "1", memory: "256Mi", "ephemeral-storage": "1Gi" } };
    const containers = [{ name: "server", image: this.stage.image, securityContext, resources }];
    const template = { metadata: { labels }, spec: { automountServiceAccountToken: false, containers } };
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      spec: { replicas: 2, selector: { matchLabels: labels }, template },
    };
  }
}
