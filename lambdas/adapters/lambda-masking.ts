import type { MaskQuestion, MaskSecrets } from "../ports/masking.ts";
import type { AwsSurroundings } from "../runtime/aws-surroundings.ts";
import { lambdaAnswers } from "./lambda-answers.ts";

/** Asks the one function that may compare a text with secrets. Errors: as `lambdaAnswers`. */
export const lambdaMasking = (functionName: string, surroundings: AwsSurroundings): MaskSecrets =>
  lambdaAnswers<MaskQuestion, string[]>(functionName, surroundings, 10_000);
