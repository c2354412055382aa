import { Problem } from "../../domain/errors.ts";
import type { Unknown } from "../runtime/http-handler.ts";

/** For a method and path that no route of the OpenAPI document takes: says whether it is the method or the path that does not exist. */
export function unknownRoute(document: string): Unknown {
  return (method, path) => {
    const { paths } = JSON.parse(document) as { paths: Record<string, object> };
    const methods = Object.entries(paths)
      .filter(([template]) => fits(template, path))
      .flatMap(([, operations]) => Object.keys(operations).map((name) => name.toUpperCase()));
    const message =
      methods.length > 0
        ? `${path} does not take ${method}: it takes ${methods.join(", ")}`
        : `there is no route ${method} ${path}. GET /v1/openapi.json lists what there is`;
    return new Problem("not-found", message);
  };
}

function fits(template: string, path: string): boolean {
  const words = path.split("/");
  const segments = template.split("/");
  return (
    segments.length === words.length && segments.every((segment, index) => segment === words[index] || isFilled(segment, words[index]))
  );
}

const isFilled = (segment: string, word: string | undefined): boolean => segment.startsWith("{") && Boolean(word);
