/** Text that a program of a deployment wrote, and whose secrets may be in it. */
export interface MaskQuestion {
  uid: string;
  revision: number;
  texts: string[];
}

/** The same texts without the values of that revision's secret variables. Who asks may not read the values. */
export type MaskSecrets = (question: MaskQuestion) => Promise<string[]>;
