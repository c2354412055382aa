import type { ComponentSecrets, SecretKey, SecretValues } from "../../lambdas/ports/secrets.ts";

/** Secret values in memory. */
export class MemorySecrets implements SecretValues {
  readonly items = new Map<string, Pick<ComponentSecrets, "values" | "kept">>();

  /** As the transaction that stores the revision does. */
  store(uid: string, revision: number, { component, values, kept }: ComponentSecrets): void {
    this.items.set(name({ uid, revision, component }), structuredClone({ values, kept }));
  }

  async forget(key: SecretKey): Promise<void> {
    this.items.delete(name(key));
  }

  async get(key: SecretKey): Promise<Record<string, string>> {
    const item = this.items.get(name(key));
    if (!item) return {};
    const earlier = item.kept ? await this.get({ ...key, revision: item.kept.revision }) : {};
    const kept = Object.entries(earlier).filter(([variable]) => item.kept?.names.includes(variable));
    return { ...Object.fromEntries(kept), ...item.values };
  }
}

const name = ({ uid, revision, component }: SecretKey) => `${uid}/${revision}/${component}`;
