import { cloudwatchLogs } from "../../lambdas/adapters/cloudwatch-logs.ts";
import type { AwsCall } from "../../lambdas/runtime/aws-json.ts";
import { logsService } from "../../local/aws/logs/service.ts";
import type { LogStore } from "../../local/aws/logs/store.ts";
import type { AwsCall as LocalCall } from "../../local/aws/service.ts";

/** The product's adapter on the local CloudWatch Logs, without the wire between them. */
export function localHistory(store: LogStore) {
  const service = logsService(store);
  const calls: string[] = [];
  const call: AwsCall = async (action, input) => {
    calls.push(action);
    const answer = await service
      .handle({ action, body: Buffer.from(JSON.stringify(input)) } as LocalCall)
      .catch((error: Error & { code?: string }) => Promise.reject(Object.assign(error, { name: error.code ?? error.name })));
    return answer.body as never;
  };
  return { history: cloudwatchLogs(call), call, calls };
}
