import { closeSync, openSync, readSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** How often each request was made since `from`, by identity's user name: `create services`. From the API server's own log. */
export class AuditLog {
  private readonly file: string;
  private from: number;

  /** Errors: the cluster writes none. */
  constructor(kubeconfig: string) {
    this.file = join(dirname(kubeconfig), "log", "audit.log");
    this.from = this.size();
  }

  begin(): void {
    this.from = this.size();
  }

  /** Only what was asked on behalf of one of these users. */
  count(users: string[]): Map<string, number> {
    const counts = new Map<string, number>();
    for (const line of this.read().split("\n")) {
      if (!line.endsWith("}")) continue;
      const { verb, objectRef, impersonatedUser, stage } = JSON.parse(line);
      // A watch is told when it begins and when it ends.
      if (!users.includes(impersonatedUser?.username) || stage === "ResponseStarted") continue;
      const name = `${verb} ${objectRef?.resource}${objectRef?.subresource ? `/${objectRef.subresource}` : ""}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  }

  private size(): number {
    try {
      return statSync(this.file).size;
    } catch {
      throw new Error(`${this.file} is missing: start the cluster with AUDIT=1 npm run cluster:up -- --node kwok`);
    }
  }

  private read(): string {
    const size = this.size();
    const text = Buffer.alloc(size - this.from);
    const file = openSync(this.file, "r");
    try {
      readSync(file, text, 0, text.length, this.from);
    } finally {
      closeSync(file);
    }
    return text.toString();
  }
}
