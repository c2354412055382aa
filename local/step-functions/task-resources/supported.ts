import { lambdaFunction } from "./lambda-function.ts";
import { lambdaInvoke, lambdaInvokeWaitForTaskToken } from "./lambda-invoke.ts";
import type { TaskResource } from "./resource.ts";
import { startExecution, startExecutionSync, startExecutionSync2 } from "./start-execution.ts";

const integrations: Record<string, TaskResource> = {
  "arn:aws:states:::lambda:invoke": lambdaInvoke,
  "arn:aws:states:::lambda:invoke.waitForTaskToken": lambdaInvokeWaitForTaskToken,
  "arn:aws:states:::states:startExecution": startExecution,
  "arn:aws:states:::states:startExecution.sync": startExecutionSync,
  "arn:aws:states:::states:startExecution.sync:2": startExecutionSync2,
};

export const supportedResources = [...Object.keys(integrations), "arn:aws:lambda:<region>:<account>:function:<name>"];

export const isSupported = (resource: string): boolean => resource in integrations || isFunctionArn(resource);

export function resourceOf(resource: string): TaskResource {
  const integration = integrations[resource];
  if (integration !== undefined) return integration;
  if (isFunctionArn(resource)) return lambdaFunction(resource);
  throw new Error(`the resource ${resource} is not supported`);
}

const isFunctionArn = (resource: string): boolean => /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[^:]+(:[^:]+)?$/.test(resource);
