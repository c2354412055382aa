/** Who can sign in on one machine, and the groups their tokens name. */
export const people: Record<string, { name: string; groups: string[] }> = {
  admin: { name: "Platform admin", groups: ["platform:admin"] },
  member: { name: "Member of demo and fraud", groups: ["demo:member", "fraud:member"] },
  viewer: { name: "Viewer of demo and fraud", groups: ["demo:viewer", "fraud:viewer"] },
};

/** The same for all: this issuer guards nothing but a laptop's loopback address. */
export const secret = "local";
