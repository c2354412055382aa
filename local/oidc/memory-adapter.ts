interface Kept {
  payload: Record<string, unknown>;
  /** Milliseconds since the epoch. */
  expires_at: number;
}

const kept = new Map<string, Kept>();

/** Where the issuer keeps sessions and codes: in memory, since access tokens are self-contained and a sign-in takes two clicks. */
export class MemoryAdapter {
  private readonly model: string;

  constructor(model: string) {
    this.model = model;
  }

  async upsert(id: string, payload: Record<string, unknown>, expiresInSeconds?: number): Promise<void> {
    kept.set(this.key(id), {
      payload,
      expires_at: expiresInSeconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresInSeconds * 1000,
    });
    for (const [key, { expires_at }] of kept) if (expires_at < Date.now()) kept.delete(key);
  }

  async find(id: string): Promise<Record<string, unknown> | undefined> {
    const found = kept.get(this.key(id));
    return found === undefined || found.expires_at < Date.now() ? undefined : found.payload;
  }

  async findByUid(uid: string): Promise<Record<string, unknown> | undefined> {
    return this.findBy("uid", uid);
  }

  async findByUserCode(userCode: string): Promise<Record<string, unknown> | undefined> {
    return this.findBy("userCode", userCode);
  }

  async consume(id: string): Promise<void> {
    const found = kept.get(this.key(id));
    if (found !== undefined) found.payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    kept.delete(this.key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, { payload }] of kept) if (payload.grantId === grantId) kept.delete(key);
  }

  private findBy(field: string, value: string): Record<string, unknown> | undefined {
    for (const [key, { payload }] of kept) if (key.startsWith(`${this.model}:`) && payload[field] === value) return payload;
    return undefined;
  }

  private key(id: string): string {
    return `${this.model}:${id}`;
  }
}
