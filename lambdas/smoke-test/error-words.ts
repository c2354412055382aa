import { masked } from "../../domain/masking.ts";
import { jsonIn } from "../../domain/signature.ts";

/** Told whole or not at all: a secret that is cut would not be known for one. */
const longest = 300;

/**
 * The first line of what an error answer says of itself, behind a colon: V2 and TensorFlow have it in `error`, FastAPI in `detail` (of
 * input it refuses, a list), OpenAI's API in `error.message`, others in `message`. Empty for anything else.
 */
export function errorWords(body: string): string {
  const document = jsonIn(body) as Loose;
  const said = [document?.error, document?.error?.message, document?.detail, document?.detail?.[0]?.msg, document?.message];
  const [line = ""] = masked(said.find((each) => typeof each === "string") ?? "")
    .trim()
    .split("\n");
  return line !== "" && line.length <= longest ? `: ${line}` : "";
}

// biome-ignore lint/suspicious/noExplicitAny: a server may answer with anything
type Loose = any;
