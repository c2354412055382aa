import type { Handlers } from "./dispatch.ts";

/** Who is signed in, as the token says: asks nothing. */
export const readMe: Pick<Handlers<"ReadRecord">, "getMe"> = {
  async getMe({ caller, email }) {
    const groups = [...caller.roles].map(([name, role]) => ({ name, role })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return { status: 200, body: { actor: caller.actor, email, platform_admin: caller.platformAdmin, groups } };
  },
};
