/** Kubernetes groups that access entries put function roles in; what each may do, the cluster's bootstrap says. */
export const accessGroups = {
  writer: "slipway:writer",
  reader: "slipway:reader",
  prober: "slipway:prober",
  preflight: "slipway:preflight",
} as const;
export type AccessGroup = (typeof accessGroups)[keyof typeof accessGroups];
