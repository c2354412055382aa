import * as z from "zod/mini";
import { digits } from "./queries.ts";
import { strict } from "./strict.ts";

/** Seconds to hold the answer until the operation has ended. */
export const wait = z._default(digits(0, 25), 0);
export const waiting = strict({ wait });
