import { instanceTypes } from "../../domain/catalogue/instance-types.ts";
import { runtimes } from "../../domain/catalogue/runtimes.ts";
import type { Handlers } from "./dispatch.ts";

/** What can be chosen: the same for everybody. How a server is run and probed is our own affair. */
export const readCatalogue: Pick<Handlers<"ReadRecord">, "listInstanceTypes" | "listRuntimes"> = {
  async listInstanceTypes() {
    return { status: 200, body: { items: Object.values(instanceTypes) } };
  },
  async listRuntimes() {
    const items = Object.values(runtimes).map(({ server, ...runtime }) => ({ ...runtime, image: server.image }));
    return { status: 200, body: { items } };
  },
};
