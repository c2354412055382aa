import { RecordConflict } from "../../lambdas/ports/record.ts";
import type { KeptValues, SecretKey, SecretValues } from "../../lambdas/ports/secrets.ts";

/** Secret values in memory. Nothing is ever left behind here, so a revision's values are written once. */
export class MemorySecrets implements SecretValues {
  readonly items = new Map<string, { values: Record<string, string>; kept: KeptValues | undefined }>();

  async put(key: SecretKey, values: Record<string, string>, kept?: KeptValues): Promise<void> {
    if (this.items.has(name(key))) throw new RecordConflict("busy", `another request is storing revision ${key.revision}`);
    this.items.set(name(key), structuredClone({ values, kept }));
  }

  async discard(key: SecretKey): Promise<void> {
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
