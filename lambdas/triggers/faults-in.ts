import type * as z from "zod/mini";

/** What is wrong with a report, each with its place. Nothing of what it holds is repeated. */
export const faultsIn = ({ issues }: z.core.$ZodError): string =>
  issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length > 0 ? `${path.map(String).join(".")}: ${message}` : message))
    .join("; ");
