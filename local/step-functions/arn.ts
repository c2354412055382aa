const machineArn = /^arn:aws:states:[a-z0-9-]+:\d{12}:stateMachine:[^:]+$/;
const executionArn = /^arn:aws:states:[a-z0-9-]+:\d{12}:execution:[^:]+:[^:]+$/;

export const isMachineArn = (text: string): boolean => machineArn.test(text);
export const isExecutionArn = (text: string): boolean => executionArn.test(text);

/** `arn:aws:states:<region>:<account>:execution:<machine>:<name>` */
export function executionArnOf(machine: string, name: string): string {
  return `${machine.replace(":stateMachine:", ":execution:")}:${name}`;
}

/** A function may be named by its name or its ARN; permission is asked for the ARN. */
export function functionArnOf(functionName: string, machine: string): string {
  if (functionName.startsWith("arn:")) return functionName;
  const [, , , region, account] = machine.split(":");
  return `arn:aws:lambda:${region}:${account}:function:${functionName}`;
}
