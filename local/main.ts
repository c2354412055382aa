/** The local system: what is started, in order, and stopped in the reverse of it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { startEngine } from "./aws/dynamodb/engine.ts";
import { eksAuthenticator } from "./aws/eks/token.ts";
import { startAws } from "./aws/start.ts";
import type { Authenticate } from "./cluster/api/authentication.ts";
import { writeKubeconfig } from "./cluster/kubeconfig.ts";
import { type Cluster, type ClusterOptions, equalNodes, startCluster } from "./cluster/start.ts";
import { localCluster, localConfiguration, ownCluster, placeholders } from "./configuration.ts";
import { openFrontDoor } from "./front-door.ts";
import { greeting } from "./greeting.ts";
import { startHttpApi } from "./http-api/start.ts";
import { builtInImages } from "./images/catalogue.ts";
import { openArtifactDoor } from "./kubeconfig/artifact-door.ts";
import { refuseInstallation } from "./kubeconfig/installation.ts";
import { prepareCluster } from "./kubeconfig/join.ts";
import { startOidc } from "./oidc/start.ts";
import { type GatewayOptions, type Options, readOptions } from "./options.ts";
import { startRestApi } from "./rest-api/start.ts";
import { startSample } from "./sample/start.ts";
import { authorizeMachine, readStateMachines } from "./state-machines.ts";
import { type StepFunctions, startStepFunctions } from "./step-functions/start.ts";
import { ChildRegister } from "./storage/child-register.ts";
import { openDatabase } from "./storage/database.ts";
import { lockFolder } from "./storage/folder-lock.ts";
import { arn } from "./template/place.ts";
import { readApplication } from "./template/read-application.ts";
import { synthesize } from "./template/synthesize.ts";
import { openTrace } from "./trace.ts";

const root = join(import.meta.dirname, "..");
const stops: (() => unknown)[] = [];

async function start(options: Options): Promise<void> {
  const began = performance.now();
  mkdirSync(options.data, { recursive: true });
  const door = await openFrontDoor(options.port);
  stops.push(door.close);
  const origin = `http://127.0.0.1:${door.port}`;
  stops.push(lockFolder(options.data, door.port));
  const children = new ChildRegister(options.data);
  children.endOrphans();

  if (!options.kubeconfig) refuseInstallation(options.data);
  const prepared = options.kubeconfig && (await prepareCluster(options.kubeconfig, options.data, origin));
  const configuration = localConfiguration(prepared?.configuration ?? ownCluster(options.gateway), options.reports);
  const [{ assembly, bootstrap }, engine] = await Promise.all([synthesized(configuration), startEngine(options.data, children)]);
  stops.push(engine.stop);
  void engine.lost.then((why) => giveUp(`its DynamoDB engine is gone: ${why}. What was recorded is kept: start it again`));
  const application = readApplication(assembly, { placeholder: placeholders.origin, url: origin });
  const trace = options.trace === null ? undefined : openTrace(options.trace, application);
  stops.push(() => trace?.close());
  const database = openDatabase(options.data);
  stops.push(() => database.close());

  let machines: StepFunctions | undefined;
  const aws = await startAws({
    ...{ application, origin, database, engineUrl: engine.url },
    cluster: () => ({ name: localCluster, ...cluster }),
    startExecution: (machineArn, input) => machines?.startExecution(machineArn, { input }),
    onDenied: (message) => console.error(`denied: ${message}`),
    onCall: trace?.onCall,
    onInvocation: trace?.onInvocation,
  });
  stops.push(aws.stop, aws.containerInsights.flush);
  door.open("aws", aws.endpoint);
  door.open("sns", aws.subscriptions);
  if (options.kubeconfig?.artifacts_at) stops.push((await openArtifactDoor(options.kubeconfig.artifacts_at, aws.endpoint)).close);

  const check = { application, credentials: aws.credentials, cluster: localCluster, admits_person: !prepared, now: Date.now };
  const authenticate: Authenticate = eksAuthenticator(check);
  const onRequest = trace?.onRequest;
  const images = { ...builtInImages(`${origin}/aws`), ...options.images };
  const own = { dataFolder: join(options.data, "cluster"), images, nodes: equalNodes(options.nodes) };
  const cluster = prepared
    ? await prepared.join({ authenticate, onRequest, logs: aws.containerInsights }, lost)
    : await startOwnCluster({ ...own, authenticate, onRequest, onContainerLog: aws.containerInsights.record }, options.gateway, bootstrap);
  stops.push(cluster.stop);

  machines = startStepFunctions({
    dataFolder: options.data,
    machines: readStateMachines(application, aws.roles),
    invoke: async (name, payload, roleArn) => {
      const functionArn = name.startsWith("arn:") ? name : arn("lambda", `function:${name}`);
      authorizeMachine(aws.roles, roleArn, "lambda:InvokeFunction", functionArn);
      return aws.functions.invoke(functionArn, payload);
    },
    authorize: (roleArn, action, resource) => authorizeMachine(aws.roles, roleArn, action, resource),
    transitioned: trace?.transitioned,
    statusChanged: trace?.statusChanged,
  });
  stops.push(machines.stop);
  aws.services.states = machines.service;

  const httpApi = startHttpApi({ application, permissions: aws.permissions, invoke: aws.functions.invoke });
  const restApi = startRestApi({
    ...{ application, permissions: aws.permissions, roles: aws.roles, invoke: aws.functions.invoke },
    gateway: { placeholder: placeholders.gateway, url: cluster.gatewayUrl },
    keepLines: aws.keepLines,
  });
  stops.push(restApi.stop);
  door.open("oidc", startOidc({ origin, dataFolder: options.data }).handle);
  for (const prefix of restApi.prefixes) door.open(prefix, restApi.handle);
  door.open("*", httpApi.handle);
  aws.run();

  console.log(greeting(origin, options.data, performance.now() - began));
  if (options.sample) await startSample({ baseUrl: origin, print: console.log });
}

type OwnParts = Omit<ClusterOptions, "name" | "gatewayLagMs" | "gatewayLikeAlb">;

async function startOwnCluster(parts: OwnParts, { lag_ms, like_alb }: GatewayOptions, bootstrap: string): Promise<Cluster> {
  const cluster = await startCluster({ ...parts, name: localCluster, gatewayLagMs: lag_ms, gatewayLikeAlb: like_alb });
  writeKubeconfig(join(parts.dataFolder, "kubeconfig"), localCluster, cluster);
  await cluster.apply(parseAllDocuments(bootstrap).map((document) => document.toJS()));
  return cluster;
}

/** Two control planes on one cluster would each undo what the other does. */
const lost = (why: string): void => giveUp(`the cluster is no longer its own: ${why}`);

function giveUp(why: string): void {
  console.error(`This control plane ends, for ${why}`);
  void stop(1);
}

async function synthesized(configuration: object) {
  const notice = setTimeout(() => console.log("Synthesizing the CDK app (only when something has changed) …"), 300);
  return synthesize(root, configuration).finally(() => clearTimeout(notice));
}

/** `fetch failed` alone says nothing. */
function withCauses({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${withCauses(cause)}` : message;
}

let stopping = false;
/** Everything is given a moment to end by itself; what hangs is told and left to the next start. */
async function stop(code: number): Promise<void> {
  // The launcher passes on a Ctrl-C that the terminal has sent here already: it counts once.
  if (stopping) return;
  stopping = true;
  for (const end of stops.reverse()) await Promise.race([ended(end), new Promise((resolve) => setTimeout(resolve, 5000))]);
  process.exit(code);
}

async function ended(end: () => unknown): Promise<void> {
  try {
    await end();
  } catch (error) {
    console.error(error);
  }
}

// A fault of the local runtime itself: what it started must not outlive it.
process.on("uncaughtException", (error) => {
  console.error("The local system failed and ends:", error);
  void stop(1);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(0));

try {
  await start(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? withCauses(error) : error);
  await stop(1);
}
