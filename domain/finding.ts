/** What would come of a request, said before anything is made. */

export const checks = [
  ...(["schema", "name", "model", "instance_type"] as const),
  ...(["cluster", "quota", "capacity", "two_slots", "image", "artifact", "gateway", "permissions", "admission"] as const),
] as const;
export type Check = (typeof checks)[number];

export const findingOutcomes = ["passed", "failed", "warning", "unknown"] as const;

export interface Finding {
  check: Check;
  /** `failed`: what was asked for would not come to be. `unknown`: it could not be asked, and `message` says why. */
  outcome: (typeof findingOutcomes)[number];
  message: string;
  /** What to do; null when there is nothing to do. */
  action: string | null;
}

export const passed = (check: Check, message: string): Finding => ({ check, outcome: "passed", message, action: null });
export const failed = (check: Check, message: string, action: string): Finding => ({ check, outcome: "failed", message, action });
export const warned = (check: Check, message: string, action: string): Finding => ({ check, outcome: "warning", message, action });
export const unknown = (check: Check, message: string, action: string | null = null): Finding => ({
  ...{ check, outcome: "unknown", message, action },
});
