import { describe, test } from "vitest";
import { play } from "./support/course.ts";
import { type Misfortune, misfortunes } from "./support/misfortunes.ts";
import { cluster, isLocal } from "./target.ts";

// On one small node two would leave each other no room.
describe.skipIf(!cluster.gatewayUrl)("a deployment that serves and", { concurrent: isLocal, timeout: 400_000 }, () => {
  test.each(Object.keys(misfortunes))("%s goes by what a real cluster has shown", (name) => play(name, misfortunes[name] as Misfortune));
});
