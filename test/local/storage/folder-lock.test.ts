import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ChildRegister } from "../../../local/storage/child-register.ts";
import { lockFolder } from "../../../local/storage/folder-lock.ts";
import { startTimeOf } from "../../../local/storage/process-identity.ts";

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-storage-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function sleeper(): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ["-e", "console.log('up'); setInterval(() => {}, 1000)"], { stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  await once(child.stdout, "data");
  return child as ChildProcess & { pid: number };
}

describe("the lock of a data folder", () => {
  it("keeps a second system out, and says which one is in", () => {
    const release = lockFolder(folder, 4000);
    expect(() => lockFolder(folder, 4001)).toThrow(`in use by process ${process.pid} (http://127.0.0.1:4000)`);
    release();
    expect(() => lockFolder(folder, 4001)()).not.toThrow();
  });

  it("of a killed system is taken over, also when another process has its id by now", async () => {
    const child = await sleeper();
    writeFileSync(join(folder, "lock.json"), JSON.stringify({ pid: child.pid, started: "another time", port: 4000 }));
    expect(() => lockFolder(folder, 4001)()).not.toThrow();
  });

  it("that cannot be read is taken over", () => {
    writeFileSync(join(folder, "lock.json"), "{");
    expect(() => lockFolder(folder, 4001)()).not.toThrow();
  });
});

describe("the register of child processes", () => {
  it("lets the next run end what a killed one has left, and nothing else", async () => {
    const [orphan, stranger] = [await sleeper(), await sleeper()];
    new ChildRegister(folder).add(orphan.pid, "dynoxide");
    const recorded = JSON.parse(readFileSync(join(folder, "children.json"), "utf8"));
    writeFileSync(
      join(folder, "children.json"),
      JSON.stringify([...recorded, { pid: stranger.pid, started: "another time", name: "old" }]),
    );
    const ended = once(orphan, "exit");
    expect(new ChildRegister(folder).endOrphans()).toEqual([`dynoxide (${orphan.pid})`]);
    await ended;
    expect(startTimeOf(stranger.pid)).not.toBeNull();
    expect(new ChildRegister(folder).endOrphans()).toEqual([]);
  });

  it("forgets a child that was ended in good order", async () => {
    const child = await sleeper();
    new ChildRegister(folder).add(child.pid, "dynoxide")();
    expect(new ChildRegister(folder).endOrphans()).toEqual([]);
    expect(startTimeOf(child.pid)).not.toBeNull();
  });
});
