import { definition, machineArn, role, task } from "./machine-runner.ts";

/** First answers, Hang is where the process is killed. */
export const interruptedMachine = {
  ...{ arn: machineArn("interrupted"), name: "interrupted", roleArn: role },
  definition: definition({
    First: task("First", { Assign: { first: "{% $states.result.Payload %}" }, Output: "{% $states.input %}", Next: "Hang" }),
    Hang: task("Hang", { Output: { first: "{% $first %}", hang: "{% $states.result.Payload %}", n: "{% $states.input.n %}" } }),
  }),
};
