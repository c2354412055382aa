import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ruleFor } from "../../../local/cluster/api/kinds.ts";
import { Store } from "../../../local/cluster/api/store.ts";
import { serveWatch } from "../../../local/cluster/api/watch.ts";

let database: DatabaseSync;
beforeEach(() => {
  database = new DatabaseSync(":memory:");
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  database.close();
});

test("a watch whose time is over when a bookmark is due sends nothing after its end, whenever its connection closes", () => {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const written: string[] = [];
  vi.spyOn(response, "write").mockImplementation((text) => {
    written.push(response.writableEnded ? "after the end" : JSON.parse(String(text)).type);
    return true;
  });
  serveWatch(
    new Store(database, 10),
    ruleFor("Pod"),
    "",
    new URLSearchParams("resourceVersion=1&allowWatchBookmarks=true&timeoutSeconds=120"),
    response,
  );
  vi.advanceTimersByTime(300_000);
  expect(response.writableEnded).toBe(true);
  // One each minute, and one two seconds before the end.
  expect(written).toEqual(["BOOKMARK", "BOOKMARK"]);
});
