import { stringify } from "yaml";
import { readConfiguration } from "../configuration.ts";
import { projectContext } from "../project-context.ts";
import { bootstrapObjects } from "./bootstrap.ts";

/** `npm run --silent cluster:bootstrap -- [cluster] | kubectl apply --server-side -f -`; the cluster may be left out when there is one. */
const { clusters } = readConfiguration(projectContext().slipway);
const names = Object.keys(clusters);
const wanted = process.argv[2] ?? (names.length === 1 ? names[0] : undefined);
const cluster = wanted === undefined ? undefined : clusters[wanted];

if (cluster) {
  process.stdout.write(
    bootstrapObjects(cluster)
      .map((object) => stringify(object, { aliasDuplicateObjects: false }))
      .join("---\n"),
  );
} else {
  console.error(`Which cluster? Given: ${wanted ?? "none"}. Configured: ${names.join(", ")}. Use: npm run cluster:bootstrap -- <cluster>`);
  process.exitCode = 1;
}
