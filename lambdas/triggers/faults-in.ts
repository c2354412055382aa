import type * as z from "zod/mini";
import { valueAt } from "../../contract/value-at.ts";

/** What is wrong with a report, each with its place. Nothing of what it holds is repeated. */
export const faultsIn = ({ issues }: z.core.$ZodError, report: unknown): string =>
  issues
    .slice(0, 5)
    .map((issue) => {
      const fault = faultOf(issue, report);
      return issue.path.length > 0 ? `${issue.path.map(String).join(".")}: ${fault}` : fault;
    })
    .join("; ");

/** The library's own words for these would need its dictionary, which every cold start would read. */
function faultOf(issue: z.core.$ZodIssue, report: unknown): string {
  if (issue.code !== "invalid_type") return issue.message;
  return valueAt(report, issue.path) === undefined ? "missing" : `expected ${issue.expected}`;
}
