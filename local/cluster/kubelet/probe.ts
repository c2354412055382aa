import { spawn } from "node:child_process";
import { request } from "node:http";
import { connect } from "node:net";
import type { Probe } from "kubernetes-types/core/v1.d.ts";
import type { ContainerRun } from "./container-state.ts";
import type { PodRun } from "./pod-run.ts";

/** undefined when the probe succeeded, else why not, as the kubelet words it. */
export type ProbeResult = string | undefined;

export function callProbe(probe: Probe, run: PodRun, container: ContainerRun, env: Record<string, string>): Promise<ProbeResult> {
  const timeout = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.httpGet) return callHttp(probe.httpGet, run, container, timeout);
  if (probe.tcpSocket) return callTcp(probe.tcpSocket.port, run, container, timeout);
  return callExec(probe.exec?.command ?? [], env, timeout);
}

/** The loopback port that a port's number or name in a pod stands for. */
export function portOf(run: PodRun, container: ContainerRun, port: number | string): number | undefined {
  return run.ports.get(numberOf(container, port));
}

function numberOf(container: ContainerRun, port: number | string): number {
  if (typeof port === "number") return port;
  return container.spec.ports?.find((each) => each.name === port)?.containerPort ?? Number(port);
}

type HttpGet = NonNullable<Probe["httpGet"]>;

/** As Go's client has it, with which a kubelet asks. */
const mostRedirects = 10;

async function callHttp(httpGet: HttpGet, run: PodRun, container: ContainerRun, timeout: number): Promise<ProbeResult> {
  const number = numberOf(container, httpGet.port);
  const host = `${run.podIP}:${number}`;
  const first = `${(httpGet.scheme ?? "HTTP").toLowerCase()}://${host}${httpGet.path ?? "/"}`;
  const port = run.ports.get(number);
  if (port === undefined) return `Get "${first}": dial tcp ${host}: connect: connection refused`;
  const headers = { Host: host, "User-Agent": "kube-probe/1.35", Accept: "*/*", Connection: "close" };
  for (const { name, value } of httpGet.httpHeaders ?? []) Object.assign(headers, { [name]: value });
  const signal = AbortSignal.timeout(timeout);
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const answer = await headOf(url, { port, headers, signal });
    if (answer instanceof Error) return httpErrorText(answer, url, host);
    const next = redirectIn(answer, url);
    if (next === undefined)
      return answer.status >= 200 && answer.status < 400 ? undefined : `HTTP probe failed with statuscode: ${answer.status}`;
    if (redirects === mostRedirects) return `Get "${next}": stopped after ${mostRedirects} redirects`;
    url = next;
  }
}

interface Head {
  status: number;
  location: string | undefined;
}

function headOf(url: string, { port, headers, signal }: { port: number; headers: object; signal: AbortSignal }): Promise<Head | Error> {
  const { pathname, search } = new URL(url);
  return new Promise((resolve) => {
    const call = request({ host: "127.0.0.1", port, path: pathname + search, headers: { ...headers }, agent: false, signal });
    call.on("response", (response) => {
      response.destroy();
      resolve({ status: response.statusCode ?? 0, location: response.headers.location });
    });
    call.on("error", resolve);
    call.end();
  });
}

/** Where a kubelet goes on: to the same host only. That it is sent elsewhere, it takes for a success. */
function redirectIn({ status, location }: Head, url: string): string | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(status);
  const next = isRedirect && location !== undefined ? URL.parse(location, url) : null;
  return next && next.host === new URL(url).host ? next.href : undefined;
}

function httpErrorText(error: NodeJS.ErrnoException, url: string, host: string): string {
  if (error.name === "AbortError" || error.name === "TimeoutError") {
    return `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
  }
  if (error.code === "ECONNREFUSED") return `Get "${url}": dial tcp ${host}: connect: connection refused`;
  return `Get "${url}": ${error.code === "ECONNRESET" ? "EOF" : error.message}`;
}

function callTcp(wanted: number | string, run: PodRun, container: ContainerRun, timeout: number): Promise<ProbeResult> {
  const place = `${run.podIP}:${numberOf(container, wanted)}`;
  const port = portOf(run, container, wanted);
  if (port === undefined) return Promise.resolve(`dial tcp ${place}: connect: connection refused`);
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout });
    const finish = (result: ProbeResult) => {
      socket.destroy();
      resolve(result);
    };
    socket.on("connect", () => finish(undefined));
    socket.on("timeout", () => finish(`dial tcp ${place}: i/o timeout`));
    socket.on("error", () => finish(`dial tcp ${place}: connect: connection refused`));
  });
}

async function callExec(command: string[], env: Record<string, string>, timeout: number): Promise<ProbeResult> {
  try {
    await execute(command, env, timeout);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Runs a command beside the container's process; rejects with its output unless it exits with 0. */
export function execute([file = "", ...args]: string[], env: Record<string, string>, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      ...(Number.isFinite(timeout) && { timeout, killSignal: "SIGKILL" as const }),
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(0, 10_240);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => reject(error));
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            signal ? `command timed out: "${[file, ...args].join(" ")}" timed out after ${timeout / 1000}s` : output || `exit code ${code}`,
          ),
        );
    });
  });
}
