// For tests, and for programs that keep nothing.

import { uuid } from "../ids.js";
import type { Storable, Store } from "./store.js";

export function memoryStore(): Store {
  const entries = new Map<string, Storable>();
  const copy = <T>(value: T): T => structuredClone(value);
  return {
    name: `memory:${uuid()}`,
    get: async <T extends Storable>(key: string) => copy(entries.get(key)) as T | undefined,
    keys: async (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)).sort(),
    update: async <T extends Storable>(key: string, change: (old: T | undefined) => T | undefined) => {
      const value = change(copy(entries.get(key)) as T | undefined);
      if (value === undefined) entries.delete(key);
      else entries.set(key, copy(value));
      return value;
    },
  };
}
