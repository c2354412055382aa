import type { LogLine } from "../aws/logs/store.ts";
import type { Roles } from "../iam/roles.ts";
import { requireGrants } from "../iam/service-roles.ts";
import type { Application } from "../template/application.ts";
import { contextValue } from "./context.ts";
import type { Exchange } from "./exchange.ts";
import type { Stage } from "./stage.ts";

export type KeepLines = (group: string, stream: string, lines: LogLine[]) => void;

const keepAfterMilliseconds = 100;
const mostInOne = 2_000;

/** A line for each request that has ended, in the stage's own form; requests do not wait for it. */
export class AccessLog {
  private readonly group: string;
  private readonly stream: string;
  private readonly render: (exchange: Exchange) => string;
  private readonly keepLines: KeepLines;
  private waiting: LogLine[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(group: string, { api_id, name }: Stage, format: string, keepLines: KeepLines) {
    this.group = group;
    this.stream = `${api_id}-${name}`;
    this.render = compileFormat(format);
    this.keepLines = keepLines;
  }

  record(exchange: Exchange): void {
    this.waiting.push({ timestamp: Date.now(), message: this.render(exchange) });
    if (this.waiting.length >= mostInOne) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), keepAfterMilliseconds);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const lines = this.waiting;
    this.waiting = [];
    if (lines.length > 0) this.keepLines(this.group, this.stream, lines);
  }
}

/** null: the stage keeps none. Errors: a destination that is no log group, or an account whose role may not write it. */
export function readAccessLog(application: Application, stage: Stage, roles: Roles, keepLines: KeepLines): AccessLog | null {
  if (stage.access_log === null) return null;
  const { destination_arn: destination, format } = stage.access_log;
  const group = /^arn:[^:]+:logs:[^:]+:\d+:log-group:([^:]+)(:\*)?$/.exec(destination)?.[1];
  if (group === undefined) throw new Error(`The stage ${stage.name} has its access log in ${destination}, which is no log group`);
  const what = `The access log of the stage ${stage.name}`;
  const role = application.ofType("AWS::ApiGateway::Account")[0]?.properties.CloudWatchRoleArn;
  if (role === undefined) throw new Error(`${what} needs a role for logs in the account's settings (AWS::ApiGateway::Account)`);
  roles.requireTrust(String(role), "apigateway.amazonaws.com", what);
  requireGrants(
    roles,
    String(role),
    ["logs:CreateLogStream", "logs:PutLogEvents"],
    `${destination.replace(/:\*$/, "")}:log-stream:any`,
    what,
  );
  return new AccessLog(group, stage, format, keepLines);
}

/** Variables are replaced by what they stand for, and by `-` where there is nothing. */
export function compileFormat(format: string): (exchange: Exchange) => string {
  const isJson = format.trimStart().startsWith("{");
  const parts = format.split(/\$context\.(\w+(?:\.\w+)*)/).map((part, index) => {
    if (index % 2 === 0) return part;
    // A caller chooses its path: it must not be able to end the line, nor to add to it.
    return { value: contextValue(part), shown: part === "error.messageString" ? String : isJson ? insideQuotes : onOneLine };
  });
  return (exchange) => {
    let line = "";
    for (const part of parts) {
      if (typeof part === "string") line += part;
      else {
        const value = part.value(exchange) ?? "-";
        line += typeof value === "number" ? value : part.shown(value);
      }
    }
    return line;
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const special = /["\\\u0000-\u001f\u007f]/;
const insideQuotes = (value: string): string => (special.test(value) ? JSON.stringify(value).slice(1, -1) : value);
const onOneLine = (value: string): string => value.replaceAll(/\p{Cc}/gu, " ");
