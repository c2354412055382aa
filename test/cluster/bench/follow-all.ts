import type { Any, ApiClient } from "../support/api-client.ts";

/** Shows each object as it is and whenever it changes, until the end; a watch that ends is begun anew from a list. */
export async function followAll(api: ApiClient, path: string, see: (object: Any) => void, end: AbortSignal): Promise<void> {
  const open = async () => {
    const { items, metadata } = (await api.get(path)).body;
    for (const object of items) see(object);
    return api.openWatch(`${path}?resourceVersion=${metadata.resourceVersion}`, end);
  };
  const follow = async (first: AsyncGenerator<{ type: string; object: Any }>) => {
    for (let events = first; ; events = await open()) {
      for await (const { type, object } of events) if (type === "ADDED" || type === "MODIFIED") see(object);
    }
  };
  void follow(await open()).catch((error) => {
    if (!end.aborted) throw error;
  });
}
