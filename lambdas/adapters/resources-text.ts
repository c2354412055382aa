import type { Amounts } from "../../domain/observed.ts";

/**
 * Requests and limits as one short text, since OBSERVED is written often: `cpu=250m/1,memory=512Mi,pods=/2`. A name with
 * both has the request first, one that is requested as it is limited says so once, and what is absent is empty.
 */
export function resourcesText({ requests, limits }: Amounts): string {
  const names = [...new Set([...Object.keys(requests), ...Object.keys(limits)])];
  return names.map((name) => `${name}=${amountText(requests[name], limits[name])}`).join(",");
}

export function resourcesIn(text: string): Amounts {
  const amounts: Amounts = { requests: {}, limits: {} };
  for (const each of text === "" ? [] : text.split(",")) {
    // Names of resources may have slashes in them; they have no `=`, and quantities have neither.
    const [name = "", quantities = ""] = each.split("=");
    const [request = "", limit = request] = quantities.split("/");
    if (request) amounts.requests[name] = request;
    if (limit) amounts.limits[name] = limit;
  }
  return amounts;
}

const amountText = (request: string | undefined, limit: string | undefined): string =>
  request === limit ? `${request}` : `${request ?? ""}/${limit ?? ""}`;
