/** Amazon States Language, as far as this interpreter goes: JSONata only (validator.ts refuses everything else). */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

/** Written in a definition: JSON in which any string `{% … %}` is a JSONata expression. */
export type Template = Json;

export interface StateGraph {
  StartAt: string;
  States: Record<string, State>;
}

export interface MachineDefinition extends StateGraph {
  Comment?: string;
  Version?: string;
  QueryLanguage: "JSONata";
  TimeoutSeconds?: number;
}

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: "FULL" | "NONE";
}

export interface Catcher {
  ErrorEquals: string[];
  Next: string;
  Assign?: Record<string, Template>;
  Output?: Template;
}

interface Common {
  Comment?: string;
  QueryLanguage?: "JSONata";
}
interface Shaping {
  Assign?: Record<string, Template>;
  Output?: Template;
}
interface Leading {
  Next?: string;
  End?: boolean;
}
interface Recovering {
  Retry?: Retrier[];
  Catch?: Catcher[];
}

export interface TaskState extends Common, Shaping, Leading, Recovering {
  Type: "Task";
  Resource: string;
  Arguments?: Template;
  TimeoutSeconds?: number | string;
  HeartbeatSeconds?: number | string;
}
export interface PassState extends Common, Shaping, Leading {
  Type: "Pass";
}
export interface WaitState extends Common, Shaping, Leading {
  Type: "Wait";
  Seconds?: number | string;
  Timestamp?: string;
}
export interface ChoiceRule extends Shaping {
  Comment?: string;
  Condition: string | boolean;
  Next: string;
}
export interface ChoiceState extends Common, Shaping {
  Type: "Choice";
  Choices: ChoiceRule[];
  Default?: string;
}
export interface SucceedState extends Common {
  Type: "Succeed";
  Output?: Template;
}
export interface FailState extends Common {
  Type: "Fail";
  Error?: string;
  Cause?: string;
}
export interface ParallelState extends Common, Shaping, Leading, Recovering {
  Type: "Parallel";
  Arguments?: Template;
  Branches: StateGraph[];
}
export interface MapState extends Common, Shaping, Leading, Recovering {
  Type: "Map";
  Items?: Template;
  ItemSelector?: Template;
  MaxConcurrency?: number | string;
  ItemProcessor: StateGraph & { ProcessorConfig?: { Mode?: "INLINE" } };
}

export type State = TaskState | PassState | WaitState | ChoiceState | SucceedState | FailState | ParallelState | MapState;
export type StateType = State["Type"];

/** A machine as the template declares it, with every placeholder already replaced. */
export interface Machine {
  arn: string;
  name: string;
  definition: MachineDefinition;
  roleArn: string;
}
