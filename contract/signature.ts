import * as z from "zod/mini";
import { signatureLimits, tensorTypes } from "../domain/signature.ts";
import { oneLineText } from "./grammars.ts";
import { oneOf, strict } from "./strict.ts";

/** What a model takes and gives, as a version is registered with it. */

const size = () =>
  z.int().check(
    z.minimum(-1, "a size of at least 1, or -1 where it is open"),
    z.maximum(2 ** 31 - 1),
    z.refine((given) => given !== 0, "a size of at least 1, or -1 where it is open"),
  );
const tensor = () =>
  strict({
    name: oneLineText(signatureLimits.name).check(z.minLength(1, "a name is needed")),
    datatype: oneOf(tensorTypes, "type of the Open Inference Protocol"),
    shape: z.array(size()).check(z.maxLength(signatureLimits.dimensions, `at most ${signatureLimits.dimensions} dimensions`)),
  });
const tensors = () =>
  z.array(tensor()).check(
    z.maxLength(signatureLimits.tensors, `at most ${signatureLimits.tensors} tensors`),
    z.refine((given) => new Set(given.map(({ name }) => name)).size === given.length, "each name once"),
  );

export const signature = () =>
  strict({
    inputs: tensors().check(z.minLength(1, "name at least one input, or leave the signature out")),
    outputs: z._default(tensors(), []),
  });
