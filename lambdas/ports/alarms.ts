/** CloudWatch alarms that an update names: they speak for what only the team knows about. */
export interface Alarms {
  /** State by name. A name that there is no alarm of is absent. */
  states(names: string[]): Promise<Record<string, "OK" | "ALARM" | "INSUFFICIENT_DATA">>;
}
