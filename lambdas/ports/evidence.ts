/** Large bodies of an operation's evidence, in the evidence bucket. */
export interface EvidenceStore {
  /** Gives the key under which it lies. */
  put(uid: string, operationId: string, name: string, body: unknown): Promise<string>;
}
