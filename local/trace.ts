import { closeSync, openSync, writeSync } from "node:fs";
import type { CallRecord } from "./aws/endpoint.ts";
import type { RequestRecord } from "./cluster/api/server.ts";
import type { InvocationRecord } from "./functions/deployed-function.ts";
import type { Transition } from "./step-functions/host.ts";
import type { StatusChange } from "./step-functions/status-change.ts";
import { type Application, constructName } from "./template/application.ts";

/** What the parts of the local system tell; each call becomes a line. */
export interface Trace {
  onCall(call: CallRecord): void;
  onRequest(request: RequestRecord): void;
  onInvocation(invocation: InvocationRecord): void;
  transitioned(transition: Transition): void;
  statusChanged(change: StatusChange): Promise<void>;
  close(): void;
}

/**
 * Appends a line of JSON to a file for each call of an AWS service, request to the cluster, invocation of a function,
 * state entered and change of an execution's status: `{at, kind, …}`, where `at` is when it began. Functions and state
 * machines are called by their construct names. Names, counts and times only: no payload, so that no secret value gets
 * into it. Errors: a file that cannot be written, by its name.
 */
export function openTrace(file: string, application: Application): Trace {
  let descriptor: number | null = open(file);
  const label = labels(application);
  const write = (kind: string, what: object, milliseconds?: number): void => {
    if (descriptor === null) return;
    const at = new Date(Date.now() - (milliseconds ?? 0)).toISOString();
    const took = milliseconds === undefined ? {} : { milliseconds: Math.round(milliseconds * 100) / 100 };
    writeSync(descriptor, `${JSON.stringify({ at, kind, ...what, ...took })}\n`);
  };
  return {
    onCall: (call) => write("aws", { ...call, caller: label(call.caller) }, call.milliseconds),
    onRequest: ({ user, ...request }) => write("cluster", { caller: label(user), ...request }, request.milliseconds),
    onInvocation: (invocation) => write("invocation", invocation, invocation.milliseconds),
    transitioned: (transition) => write("transition", { ...transition, machine: label(transition.machine) }),
    statusChanged: async ({ stateMachineArn, name, status }) =>
      write("execution", { machine: label(stateMachineArn), execution: name, status }),
    close: () => {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}

function open(file: string): number {
  try {
    return openSync(file, "a");
  } catch (error) {
    throw new Error(`--trace ${file} cannot be written: ${(error as Error).message}`);
  }
}

/** Construct names of functions and state machines, by the name, ARN or role session that they go by in a call. */
function labels(application: Application): (name: string) => string {
  const resources = ["AWS::Lambda::Function", "AWS::StepFunctions::StateMachine"].flatMap((type) => application.ofType(type));
  const known = new Map(resources.map((resource) => [resource.attributes.Name ?? resource.ref, constructName(resource)]));
  return (name) => known.get(name.split(/[/:]/).at(-1) ?? "") ?? name;
}
