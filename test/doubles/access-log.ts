import { LogStore } from "../../local/aws/logs/store.ts";
import type { Database } from "../../local/storage/database.ts";
import { localHistory } from "./local-history.ts";

export const accessLogGroup = "EndpointsAccessLogs";

/** A log group of CloudWatch Logs with lines in the form that the stage of the endpoints writes. */
export function accessLog(database: Database) {
  const store = new LogStore(database);
  store.createGroup(accessLogGroup, 30);
  const { call, calls } = localHistory(store);
  /** Lines of requests of a client, one after the other. */
  const write = (
    at: number,
    deployment: string,
    client: string,
    requests: Partial<Record<"status" | "latency" | "path", string>>[],
  ): void => {
    const lines = requests.map(({ status = "200", latency = "10", path = "/endpoints/card/x" }, index) => ({
      timestamp: at + index,
      message: JSON.stringify({
        ...{ requestId: `r${at + index}`, extendedRequestId: "x=", ip: "10.0.0.1", requestTime: "21/Nov/2026:09:00:00 +0000" },
        ...{ requestTimeEpoch: String(at + index), httpMethod: "POST", resourcePath: "/private-endpoints/{id}/{path+}", path, status },
        ...{ protocol: "HTTP/1.1", responseLength: "17", latency, integrationLatency: latency, deployment, client, error: "-" },
      }),
    }));
    store.append(accessLogGroup, "api-live", lines);
  };
  return { store, call, calls, write };
}
