import { strict } from "./strict.ts";

/** `PUT /v1/groups/{name}`: a group has nothing yet but its name; quotas, members and switches are refused until they have an effect. */
export const groupBody = strict({});
