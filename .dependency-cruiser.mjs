/** The arrows of docs/architecture.md. A rule's comment says why the arrow must not be. */
const only = (from, allowed, comment) => ({
  name: `${from.replaceAll("/", "-")}-imports`,
  comment,
  severity: "error",
  from: { path: `^${from}/` },
  to: {
    path: "^(bin|lib|domain|contract|lambdas|local|console|cli|test|bench)/",
    pathNot: [`^${from}/`, ...allowed].map((path) => (path.startsWith("^") ? path : `^${path}/`)),
  },
});

export default {
  forbidden: [
    {
      name: "no-cycles",
      comment: "A cycle hides which part knows which. Two files of a test that name each other's types are none.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    only("domain", [], "Pure rules know nothing of the rest."),
    only("contract", ["domain"], "What crosses the wire is browser-safe and speaks domain words."),
    only("lambdas/ports", ["domain"], "A port is what operations need, told in domain words."),
    only("lambdas/operations", ["domain", "contract", "lambdas/ports"], "An operation meets the world through ports."),
    only("lambdas/adapters", ["domain", "lambdas/ports", "lambdas/runtime"], "An adapter gives a port and knows no operation."),
    only(
      "lambdas/api",
      ["domain", "contract", "lambdas/ports", "lambdas/operations", "lambdas/runtime"],
      "A handler parses, calls an operation and answers.",
    ),
    ...["rollout", "shutdown", "smoke-test", "sync", "events", "promotion", "triggers", "preflight", "metrics", "clients"].map((steps) =>
      only(
        `lambdas/${steps}`,
        [
          "domain",
          "contract",
          "lambdas/ports",
          "lambdas/operations",
          "lambdas/runtime",
          "lambdas/rollout",
          "lambdas/smoke-test",
          "lambdas/shutdown",
          "lambdas/promotion",
        ],
        "A step takes its collaborators; entries wire them.",
      ),
    ),
    only("lambdas/runtime", ["domain", "contract", "lambdas/ports"], "Wrappers know no operation."),
    only("lambdas/entry", ["lambdas", "domain", "contract"], "The one place where adapters meet handlers."),
    only("lib", ["contract", "domain", "^lambdas/runtime/settings\\.ts$"], "Infrastructure reads names and routes, never code that runs."),
    only("bin", ["lib", "local"], "The app composes stacks; a command reads its options and calls what does it."),
    only(
      "bench",
      ["lib", "local", "lambdas", "domain"],
      "A bench drives the system from outside; it may read bundles and template as the local system does, ask a cluster for the truth by the product's own client, and hold a part of the product alone to see what it keeps.",
    ),
    only("local", ["lib", "domain"], "The local system runs bundles and the template; it holds no business rule."),
    {
      name: "sdk-only-in-adapters",
      comment: "Everything else meets AWS through a port.",
      severity: "error",
      from: { path: "^(domain|contract|lambdas)/", pathNot: "^lambdas/(adapters|runtime)/" },
      to: { path: "node_modules/(@aws-sdk|@smithy)/" },
    },
    {
      name: "domain-is-pure",
      comment: "No I/O, no randomness, no packages.",
      severity: "error",
      from: { path: "^domain/" },
      to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-optional"] },
    },
    {
      name: "requests-are-checked-by-zod-mini",
      comment: "The classic API takes functions that start 7 ms more (ADR 017). Answers' schemas are in no function.",
      severity: "error",
      from: { path: "^(contract|lambdas)/", pathNot: "^contract/answers" },
      to: { path: "node_modules/zod/(index\\.|v4/classic/)" },
    },
    {
      name: "contract-is-browser-safe",
      comment: "Console and CLI bundle it.",
      severity: "error",
      from: { path: "^contract/" },
      to: { dependencyTypes: ["core"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: [".ts", ".mjs", ".js", ".json"],
      conditionNames: ["import", "node", "default"],
      exportsFields: ["exports"],
    },
  },
};
