import { inject } from "vitest";
import { type AdapterOptions, type AdapterUnderTest, adapterFor } from "./adapter-for.ts";
import type { IdentityName } from "./cluster-info.ts";

/** The product's own client of the cluster under test, as one identity of the suite. */
export const adapterOf = (name: IdentityName, options: AdapterOptions = {}): AdapterUnderTest =>
  adapterFor(inject("cluster"), name, options);
