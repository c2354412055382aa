/** Runs a machine whose function never answers and says so on standard output, to be killed by its parent. */
import { startStepFunctions } from "../../../local/step-functions/start.ts";
import { interruptedMachine } from "./interrupted-machine.ts";

const [dataFolder = ""] = process.argv.slice(2);
const stepFunctions = startStepFunctions({
  dataFolder,
  machines: [interruptedMachine],
  authorize: () => {},
  invoke: async (name) => {
    if (name !== "Hang") return { payload: "first", function_error: null };
    console.log("hanging");
    return new Promise(() => setInterval(() => {}, 1000));
  },
});
stepFunctions.startExecution(interruptedMachine.arn, { name: "interrupted", input: { n: 1 } });
