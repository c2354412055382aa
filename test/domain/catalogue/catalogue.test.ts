import { describe, expect, it } from "vitest";
import { findInstanceType, instanceTypes } from "../../../domain/catalogue/instance-types.ts";
import { findRuntime, isScriptFile, runtimeNames, runtimes, scriptRuntimeNames } from "../../../domain/catalogue/runtimes.ts";
import { containerPort, modelDirectory, scriptDirectory, selfContainedServer } from "../../../domain/catalogue/servers.ts";
import { storageInitializer } from "../../../domain/catalogue/storage-initializer.ts";

const units: Record<string, number> = { m: 1e-3, "": 1, Mi: 2 ** 20, Gi: 2 ** 30 };
function quantity(text: string): number {
  const parts = /^([0-9]+)(m|Mi|Gi|)$/.exec(text);
  if (!parts) throw new Error(`${text} is no Kubernetes quantity`);
  return Number(parts[1]) * (units[parts[2] ?? ""] ?? Number.NaN);
}

describe("instance types", () => {
  it.each(Object.entries(instanceTypes))("%s asks for no more than its limit", (name, { requests, limits, gpu, ...type }) => {
    expect(type.name).toBe(name);
    expect(quantity(requests.cpu)).toBeLessThanOrEqual(quantity(limits.cpu));
    expect(requests.memory).toBe(limits.memory);
    expect(gpu > 0).toBe(name.startsWith("gpu."));
  });

  it.each(["", "cpu", "constructor", "__proto__", "toString"])("%j is none", (name) => expect(findInstanceType(name)).toBeUndefined());
});

describe("runtimes", () => {
  it.each(runtimeNames)("%s is pinned, runs as somebody other than root and can be asked whether it is ready", (name) => {
    const { server, ...runtime } = runtimes[name];
    expect(runtime.name).toBe(name);
    expect(server.image).toMatch(/:[A-Za-z0-9._-]+$/);
    expect(server.image).not.toMatch(/:latest$/);
    expect(server.uid).toBeGreaterThanOrEqual(1000);
    expect(server.port).toBe(containerPort);
    for (const path of [server.livenessPath("iris"), server.readinessPath("iris")]) expect(path).toMatch(/^\/[a-z0-9/]+$/);
    expect(quantity(server.ephemeralStorage.request)).toBeLessThanOrEqual(quantity(server.ephemeralStorage.limit));
  });

  it.each(runtimeNames)("%s is told the port and where the model is, in arguments or environment", (name) => {
    const { command, args, env } = runtimes[name].server;
    const told = [...(command ?? []), ...args("iris"), ...Object.values(env("iris"))].join(" ");
    expect(told).toContain(String(containerPort));
    expect(told).toContain(modelDirectory);
  });

  it("serves ONNX by the arguments that every KServe server takes", () => {
    const onnx = findRuntime("onnx")?.server;
    expect(onnx?.image).toBe("slipway/onnx-server:1");
    expect(onnx?.args("iris")).toEqual(["--model_name=iris", "--model_dir=/mnt/models", "--http_port=8080"]);
    expect(onnx?.readinessPath("iris")).toBe("/v2/models/iris/ready");
  });

  it("runs scripts where it says so, by whichever name they have by custom", () => {
    expect(runtimeNames.filter((name) => runtimes[name].scripts !== undefined)).toEqual(scriptRuntimeNames);
    for (const name of scriptRuntimeNames) {
      for (const file of Object.values(runtimes[name].scripts ?? {})) expect(isScriptFile(file)).toBe(true);
    }
  });

  it.each(["", "constructor", "__proto__"])("%j is none", (name) => expect(findRuntime(name)).toBeUndefined());
});

it("runs a person's own image as it is", () => {
  const server = selfContainedServer("team/server:1");
  expect(server).toMatchObject({ image: "team/server:1", command: null, port: containerPort });
  expect([server.args("x"), server.env("x"), server.livenessPath("x"), server.readinessPath("x")]).toEqual([
    [],
    {},
    "/v2/health/live",
    "/v2/health/ready",
  ]);
});

it("copies the artifact to where servers look for it", () => {
  const copies = [
    { source: "s3://a/b", directory: modelDirectory },
    { source: "s3://a/c", directory: scriptDirectory },
  ];
  expect(storageInitializer.args(copies)).toEqual(["s3://a/b", "/mnt/models", "s3://a/c", "/mnt/scripts"]);
  expect(storageInitializer.image).toBe("kserve/storage-initializer:v0.20.0");
});
