/** A state machine's definition, as far as its picture needs it. */
interface Definition {
  Comment?: string;
  StartAt: string;
  States: Record<string, State>;
}
interface State {
  Type: string;
  Comment?: string;
  Next?: string;
  End?: boolean;
  Default?: string;
  Choices?: { Condition: string; Next: string }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
}

/** Mermaid's text for a state machine: every state and every way from it; where an older executor stops quietly is left out. */
export function workflowDiagram({ StartAt, States }: Definition): string {
  const lines = Object.entries(States).flatMap(([name, state]) => waysFrom(name, state));
  return ["stateDiagram-v2", `  [*] --> ${StartAt}`, ...lines.map((line) => `  ${line}`)].join("\n");
}

/** What each state is for, in the words of the definition itself. */
export function workflowStates({ States }: Definition): string {
  const rows = Object.entries(States).map(([name, { Comment = "" }]) => `| ${name} | ${Comment.replaceAll("|", "\\|")} |`);
  return ["| state | what for |", "|---|---|", ...rows].join("\n");
}

function waysFrom(name: string, { Type, Next, End, Default, Choices = [], Catch = [] }: State): string[] {
  const choices = Choices.map((choice) => `${name} --> ${choice.Next}: ${conditionIn(choice.Condition)}`);
  const failures = [...new Set(Catch.filter(({ ErrorEquals }) => !ErrorEquals.includes("StaleEpoch")).map((caught) => caught.Next))];
  const isOver = End || Type === "Succeed" || Type === "Fail";
  return [
    ...(Type === "Choice" ? [`state ${name} <<choice>>`] : []),
    ...choices,
    ...(Default ? [`${name} --> ${Default}${choices.length > 0 ? ": else" : ""}`] : []),
    ...(Next ? [`${name} --> ${Next}`] : []),
    ...failures.map((next) => `${name} --> ${next}: fails`),
    ...(isOver && name !== "Superseded" ? [`${name} --> [*]`] : []),
  ];
}

/** `{% $states.input.more %}` → `more`. */
function conditionIn(expression: string): string {
  return expression.replace(/^\{% *| *%\}$/g, "").replaceAll(/\$states\.input\.|\$/g, "");
}
