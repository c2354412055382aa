import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { readConfiguration } from "../lib/configuration.ts";
import { ControlPlaneStack } from "../lib/control-plane-stack.ts";
import { projectContext } from "../lib/project-context.ts";
import { bundleFunctions } from "../lib/toolkit/bundles.ts";

const app = new App({ context: projectContext(), outdir: process.env.CDK_OUTDIR ?? "cdk.out" });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));

new ControlPlaneStack(app, "Slipway", {
  description: "Slipway: takes trained models to production on Amazon EKS",
  configuration: readConfiguration(app.node.getContext("slipway")),
  bundles: bundleFunctions(),
});

app.synth();
