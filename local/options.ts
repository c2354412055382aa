import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { healthyAfterMs } from "./cluster/gateway/target-groups.ts";
import type { KubeconfigOptions } from "./kubeconfig/join.ts";
import { dataFolderOf, kubeconfigOptions, kubeconfigUsage, readKubeconfigOptions } from "./kubeconfig/options.ts";

/** A container image of the local cluster: the command that stands for it. */
export interface ImageCommand {
  command: string[];
  env?: Record<string, string>;
}
export interface Options {
  /** 0: any that is free. */
  port: number;
  /** Folder that keeps everything between runs, absolute. */
  data: string;
  /** Images beyond those that every local cluster has, by their whole name. */
  images: Record<string, ImageCommand>;
  /** How many nodes the local cluster has. */
  nodes: number;
  sample: boolean;
  /** File that gets a line for each thing that happens, absolute; null: none. */
  trace: string | null;
  /** In place of `reports` in the local configuration; undefined: as every local system has it. */
  reports?: object;
  gateway: GatewayOptions;
  /** The cluster to drive, when it is not the local system's own. */
  kubeconfig: KubeconfigOptions | undefined;
}

/** How the gateway of the local cluster behaves, to rehearse what another one would do. */
export interface GatewayOptions {
  /** How long one of its two replicas lags behind a change, in milliseconds; 0: there is one, and it does not. */
  lag_ms: number;
  /** The configuration's `settle_seconds`. */
  settle_seconds: number;
  /** The configuration's `register_seconds`. */
  register_seconds: number;
  /** Whether it registers targets as AWS' Application Load Balancer does, instead of following endpoints. */
  like_alb: boolean;
}

export const usage =
  "npm start [-- --port 4000 --data .slipway --images images.json --nodes 1 --reports reports.json --trace trace.jsonl --no-sample --gateway-lag 0 --gateway-like alb --gateway-settle 0 --gateway-register 0]" +
  `; on a cluster of your own: npm start -- ${kubeconfigUsage}`;

const mostNodes = 10;

/** Of a timer in a busy process: what settles has to come after what lags. */
const timerSlackSeconds = 0.3;

/** Errors: an option that is not known or cannot be used, with what can. */
export function readOptions(words: string[]): Options {
  const { values } = parse(words);
  const port = Number(values.port ?? "4000");
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port must be a number from 1 to 65535, given ${values.port}. Use: ${usage}`);
  const gateway = readGateway(values);
  const kubeconfig = readKubeconfigOptions(values, given(values, gateway));
  if (kubeconfig) refuseOwnCluster(values);
  return {
    port,
    data: resolve(values.data ?? (kubeconfig ? dataFolderOf(kubeconfig) : ".slipway")),
    images: values.images === undefined ? {} : readImages(values.images),
    nodes: readNodes(values.nodes),
    ...(values.reports !== undefined && { reports: readJson("--reports", values.reports) }),
    // The nodes of another cluster reach the sample's model only where they are told a way.
    sample: values.sample ?? kubeconfig === undefined,
    trace: values.trace === undefined ? null : resolve(values.trace),
    gateway,
    kubeconfig,
  };
}

/** What the local cluster can be told about itself, another one cannot. */
function refuseOwnCluster(values: Record<string, unknown>): void {
  const astray = ["images", "nodes", "gateway-lag", "gateway-like"].find((name) => values[name] !== undefined);
  if (astray) throw new Error(`--${astray} is about the local cluster: leave it out with --kubeconfig. Use: ${usage}`);
}

function readNodes(given = "1"): number {
  const nodes = Number(given);
  if (Number.isInteger(nodes) && nodes >= 1 && nodes <= mostNodes) return nodes;
  throw new Error(`--nodes must be a number from 1 to ${mostNodes}, given ${given}. Use: ${usage}`);
}

/** Of another gateway than the local one, only what was said is known. */
function given(values: GatewayValues, { settle_seconds, register_seconds }: GatewayOptions) {
  return {
    settle_seconds: values["gateway-settle"] === undefined ? undefined : settle_seconds,
    register_seconds: values["gateway-register"] === undefined ? undefined : register_seconds,
  };
}

type GatewayValues = Partial<Record<"gateway-lag" | "gateway-settle" | "gateway-register" | "gateway-like", string>>;

function readGateway(values: GatewayValues): GatewayOptions {
  const lag = within("--gateway-lag", "milliseconds", values["gateway-lag"] ?? "0", 60_000);
  const like = values["gateway-like"];
  if (like !== undefined && like !== "alb") throw new Error(`--gateway-like knows only alb, given ${like}. Use: ${usage}`);
  const seconds = (option: "gateway-settle" | "gateway-register", most: number, fits: number) =>
    values[option] === undefined ? fits : within(`--${option}`, "seconds", values[option], most);
  return {
    lag_ms: lag,
    settle_seconds: seconds("gateway-settle", 300, lag === 0 ? 0 : slowest(lag)),
    register_seconds: seconds("gateway-register", 180, like === "alb" ? slowest(healthyAfterMs + lag) : 0),
    like_alb: like === "alb",
  };
}

const slowest = (milliseconds: number): number => milliseconds / 1000 + timerSlackSeconds;

function within(option: string, unit: string, given: string, most: number): number {
  const number = Number(given);
  if (given.trim() !== "" && number >= 0 && number <= most) return number;
  throw new Error(`${option} must be ${unit} from 0 to ${most}, given ${given}. Use: ${usage}`);
}

function parse(given: string[]) {
  const text = { type: "string" } as const;
  const options = {
    port: text,
    data: text,
    images: text,
    nodes: text,
    reports: text,
    trace: text,
    sample: { type: "boolean" },
    "gateway-lag": text,
    "gateway-settle": text,
    "gateway-register": text,
    "gateway-like": text,
    ...kubeconfigOptions,
  } as const;
  try {
    return parseArgs({ args: given, options, allowNegative: true });
  } catch (error) {
    throw new Error(`${(error as Error).message}. Use: ${usage}`);
  }
}

function readImages(file: string): Record<string, ImageCommand> {
  const images = readJson("--images", file);
  for (const [name, image] of Object.entries(images)) {
    const { command, env = {} } = (image ?? {}) as Partial<ImageCommand>;
    const isCommand = Array.isArray(command) && command.length > 0 && command.every((word) => typeof word === "string");
    const isEnvironment = typeof env === "object" && Object.values(env).every((value) => typeof value === "string");
    if (!isCommand || !isEnvironment) {
      throw new Error(`--images ${file}: ${name} must be {"command": ["…"], "env": {"NAME": "value"}}, given ${JSON.stringify(image)}`);
    }
  }
  return Object.fromEntries(
    Object.entries(images as Record<string, ImageCommand>).map(([name, image]) => [name, withFilesBeside(image, dirname(resolve(file)))]),
  );
}

/** A file that is named from where the images are named: a container has a working folder of its own. The program itself is looked for as ever. */
function withFilesBeside({ command: [program = "", ...words], ...image }: ImageCommand, folder: string): ImageCommand {
  const place = (word: string) => (statSync(resolve(folder, word), { throwIfNoEntry: false })?.isFile() ? resolve(folder, word) : word);
  return { ...image, command: [program.includes("/") ? place(program) : program, ...words.map(place)] };
}

function readJson(option: string, file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`${option} ${file} cannot be read: ${(error as Error).message}`);
  }
}
