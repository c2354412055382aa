import * as z from "zod";
import { tensorTypes } from "../../domain/signature.ts";
import { strict, text } from "./words.ts";

/** `shape`: -1 for a size that is open, empty where nothing is known of it. */
const tensor = strict({ name: text, datatype: z.enum(tensorTypes), shape: z.array(z.int()) });
/** What a model takes and gives, in the words of the Open Inference Protocol V2. */
export const signature = strict({ inputs: z.array(tensor), outputs: z.array(tensor) });
