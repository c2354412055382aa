import { routes } from "../../contract/routes.ts";
import { Problem } from "../../domain/errors.ts";

/** For a method and path that no route takes: says whether it is the method or the path that does not exist. */
export function unknownRoute(method: string, path: string): Problem {
  const methods = routes.filter((route) => fits(route.path, path)).map((route) => route.method);
  const message =
    methods.length > 0
      ? `${path} does not take ${method}: it takes ${methods.join(", ")}`
      : `there is no route ${method} ${path}. GET /v1/openapi.json lists what there is`;
  return new Problem("not-found", message);
}

function fits(template: string, path: string): boolean {
  const words = path.split("/");
  const segments = template.split("/");
  return (
    segments.length === words.length && segments.every((segment, index) => segment === words[index] || isFilled(segment, words[index]))
  );
}

const isFilled = (segment: string, word: string | undefined): boolean => segment.startsWith("{") && Boolean(word);
