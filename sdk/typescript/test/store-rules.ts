// What every store must do: the same for memory, a folder, and IndexedDB in a browser.

import type { Store } from "@waymark/sdk";

/** Fails with what is wrong; `open` opens the store anew, as after a restart. */
export async function storeRules(open: () => Store): Promise<void> {
  const check = (is: unknown, wanted: unknown, what: string) => {
    if (JSON.stringify(is) !== JSON.stringify(wanted)) throw new Error(`${what}: ${JSON.stringify(is)} and not ${JSON.stringify(wanted)}`);
  };
  const store = open();
  check(await store.get("a"), undefined, "nothing is there at first");
  await store.update("a/ä*%2F:é", () => ({ x: [1, null, "ü"] }));
  check(await open().get("a/ä*%2F:é"), { x: [1, null, "ü"] }, "what was put is there");
  await store.update<Uint8Array>("bytes", () => new Uint8Array([0, 255, 10]));
  const bytes = await open().get<Uint8Array>("bytes");
  check([bytes instanceof Uint8Array, ...(bytes ?? [])], [true, 0, 255, 10], "bytes are bytes");

  await Promise.all(Array.from({ length: 40 }, (_, n) => (n % 2 ? store : open()).update<number>("count", (old) => (old ?? 0) + 1)));
  check(await store.get("count"), 40, "nobody comes between reading and writing");

  const failed = await store.update<number>("count", () => { throw new RangeError("no"); }).catch((error: unknown) => (error as Error).name); // prettier-ignore
  check(failed, "RangeError", "what `change` throws is passed on");
  check(await store.get("count"), 40, "and nothing changed");

  const held = { list: [1] };
  await store.update("held", () => held);
  held.list.push(2);
  check(await store.get("held"), { list: [1] }, "what is kept is a copy");

  for (const key of ["p/2", "p/1", "q/1", "p/10"]) await store.update(key, () => 1);
  check(await store.keys("p/"), ["p/1", "p/10", "p/2"], "keys by prefix, in order");
  await store.update("p/1", () => undefined);
  check([await store.get("p/1"), await store.keys("p/")], [undefined, ["p/10", "p/2"]], "undefined takes it away");
}
