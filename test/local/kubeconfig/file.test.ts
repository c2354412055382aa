import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readKubeconfig } from "../../../local/kubeconfig/file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-kubeconfig-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string): string {
  const file = join(folder, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const one = `
apiVersion: v1
kind: Config
preferences: {}
current-context: first
clusters:
- {name: blue, cluster: {server: "https://blue.example.com:6443", certificate-authority: pki/ca.crt}}
users:
- {name: ada, user: {client-certificate: ../ada.crt, client-key: /keys/ada.key}}
- {name: bob, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/token, env: null, args: [get]}}}
- {name: eve, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}}}
contexts:
- {name: first, context: {cluster: blue, user: ada, namespace: team}}
- {name: second, context: {cluster: blue, user: bob}}
- {name: third, context: {cluster: blue, user: eve}}
- {name: nobody, context: {cluster: blue}}
- {name: astray, context: {cluster: green, user: ada}}
- {name: unknown, context: {cluster: blue, user: carl}}
`;

describe("one file", () => {
  it("gives its current context, with paths from the folder that it lies in", () => {
    const { name, clusterName, userName, cluster, user } = readKubeconfig(write("sub/config", one));
    expect([name, clusterName, userName]).toEqual(["first", "blue", "ada"]);
    expect(cluster).toEqual({ server: "https://blue.example.com:6443", "certificate-authority": join(folder, "sub/pki/ca.crt") });
    expect(user).toEqual({ "client-certificate": join(folder, "ada.crt"), "client-key": "/keys/ada.key" });
  });

  it("gives the context that is asked for; a command with a slash is a path, another one is not", () => {
    const file = write("config", one);
    expect(readKubeconfig(file, "second").user.exec?.command).toBe(join(folder, "bin/token"));
    expect(readKubeconfig(file, "third").user.exec?.command).toBe("aws");
    expect(readKubeconfig(file, "nobody").user).toEqual({});
  });
});

describe("several files", () => {
  const two = `
current-context: other
clusters: [{name: blue, cluster: {server: "https://second.example.com"}}, {name: green, cluster: {server: "https://green.example.com"}}]
users: [{name: ada, user: {token: t}}]
contexts: [{name: other, context: {cluster: green, user: ada}}]
`;
  it("are one: of what two name alike, the first holds", () => {
    const both = [write("a", one), write("b", two)].join(delimiter);
    expect(readKubeconfig(both).name).toBe("first");
    expect(readKubeconfig(both, "other").cluster.server).toBe("https://green.example.com");
    expect(readKubeconfig(both, "other").user).toHaveProperty("client-certificate");
    expect(readKubeconfig([...both.split(delimiter)].reverse().join(delimiter), "first").cluster.server).toBe("https://second.example.com");
  });

  it("may lack one", () => {
    expect(readKubeconfig(["/nowhere", write("a", one)].join(delimiter)).name).toBe("first");
  });
});

describe("what cannot be used is told", () => {
  it.each([
    ["a file that is not there", () => join(folder, "none"), undefined, "cannot be read: ENOENT"],
    ["a folder", () => folder, undefined, "cannot be read"],
    ["no file at all", () => "", undefined, "No kubeconfig is there"],
    ["no YAML", () => write("x", "a: [1"), undefined, "is not YAML"],
    ["another document", () => write("x", "clusters: 3"), undefined, "clusters: Invalid input"],
    ["a cluster without a server", () => write("x", "clusters: [{name: a, cluster: {}}]"), undefined, "clusters.0.cluster.server"],
    ["an empty file", () => write("x", ""), undefined, "has no current context. Choose one: --context NAME. Its contexts: none"],
    [
      "a context that there is not",
      () => write("x", one),
      "fourth",
      "has no context fourth. Choose another one: --context NAME. Its contexts: first, second",
    ],
    ["a cluster that there is not", () => write("x", one), "astray", "names the cluster green, which"],
    ["a user who is not there", () => write("x", one), "unknown", "names the user carl, whom"],
  ])("%s", (_what, file, context, message) => {
    expect(() => readKubeconfig(file(), context)).toThrow(message);
  });
});
