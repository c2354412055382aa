import { type ConditionBlock, conditionsHold, parseOperator, type RequestContext } from "./conditions.ts";
import { matchesPattern } from "./pattern.ts";

/** One thing that a call needs; a call is allowed when all that it needs is. */
export interface Requirement {
  /** As IAM writes it: `dynamodb:GetItem`. */
  action: string;
  /** ARN, or `*` for actions without a resource. */
  resource: string;
  context?: RequestContext;
}

export interface Statement {
  Effect: "Allow" | "Deny";
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: ConditionBlock;
}
export interface PolicyDocument {
  Statement: Statement | Statement[];
}

export type Verdict = "allowed" | "not allowed" | "denied";

/** An explicit Deny wins over every Allow; nothing said is not allowed. */
export function evaluate(statements: Statement[], requirement: Requirement): Verdict {
  const applying = statements.filter((statement) => applies(statement, requirement));
  if (applying.some(({ Effect }) => Effect === "Deny")) return "denied";
  return applying.length > 0 ? "allowed" : "not allowed";
}

/** Errors: a statement that the evaluation here would not understand. */
export function statementsOf(document: PolicyDocument, where: string): Statement[] {
  const statements = asList(document.Statement);
  for (const statement of statements) {
    for (const operator of Object.keys(statement.Condition ?? {})) {
      try {
        parseOperator(operator);
      } catch (error) {
        throw new Error(`${where}: ${(error as Error).message}`);
      }
    }
  }
  return statements;
}

function applies(statement: Statement, { action, resource, context = {} }: Requirement): boolean {
  const actionMatches = (pattern: string): boolean => matchesPattern(pattern, action, true);
  const resourceMatches = (pattern: string): boolean => matchesPattern(pattern, resource);
  const actionFits =
    statement.NotAction === undefined ? asList(statement.Action).some(actionMatches) : !asList(statement.NotAction).some(actionMatches);
  if (!actionFits) return false;
  const resourceFits =
    statement.NotResource === undefined
      ? asList(statement.Resource).some(resourceMatches)
      : !asList(statement.NotResource).some(resourceMatches);
  return resourceFits && conditionsHold(statement.Condition, context);
}

function asList<T>(value: T | T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
