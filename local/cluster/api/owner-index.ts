import type { Resource } from "../objects/resource.ts";

/** Objects by uid, and by the uids of their owners: controllers that keep what they own do not look through everything. */
export class OwnerIndex {
  readonly #objects = new Map<string, Resource>();
  readonly #owned = new Map<string, Map<string, Resource>>();

  find(uid: string): Resource | undefined {
    return this.#objects.get(uid);
  }

  /** In no particular order. */
  ownedBy(uid: string): Resource[] {
    return [...(this.#owned.get(uid)?.values() ?? [])];
  }

  put(object: Resource): void {
    const { uid } = object.metadata;
    const before = this.#objects.get(uid);
    this.#objects.set(uid, object);
    const owners = ownersOf(object);
    for (const owner of ownersOf(before)) if (!owners.includes(owner)) this.#release(owner, uid);
    for (const owner of owners) this.#owned.set(owner, (this.#owned.get(owner) ?? new Map()).set(uid, object));
  }

  remove({ metadata: { uid } }: Resource): void {
    for (const owner of ownersOf(this.#objects.get(uid))) this.#release(owner, uid);
    this.#objects.delete(uid);
  }

  #release(owner: string, uid: string): void {
    const owned = this.#owned.get(owner);
    owned?.delete(uid);
    if (owned?.size === 0) this.#owned.delete(owner);
  }
}

const ownersOf = (object: Resource | undefined): string[] => (object?.metadata.ownerReferences ?? []).map(({ uid }) => uid);
