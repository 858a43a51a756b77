// For browsers. Every tab of one origin sees the same entries; a transaction keeps them apart.

import type { Storable, Store } from "./store.js";

const ENTRIES = "entries";

/** `name` is that of the database. A browser may clear it when space is short, unless `navigator.storage.persist()` was granted. */
export function indexedDbStore(name = "waymark"): Store {
  let opened: Promise<IDBDatabase> | undefined;

  function database(): Promise<IDBDatabase> {
    opened ??= open(name, () => (opened = undefined)).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  async function inTransaction<T>(mode: IDBTransactionMode, work: (entries: IDBObjectStore, done: (value: T) => void) => void): Promise<T> {
    for (let again = false; ; again = true) {
      const db = await database();
      let transaction: IDBTransaction;
      try {
        // Strict: what is confirmed survives a crash of the system, not only one of the browser.
        transaction = db.transaction(ENTRIES, mode, { durability: "strict" });
      } catch (error) {
        // The browser closed the connection meanwhile.
        if (again || !(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
        opened = undefined;
        continue;
      }
      return new Promise<T>((resolve, reject) => {
        let value: T;
        let thrown: { error: unknown } | undefined;
        transaction.oncomplete = () => resolve(value);
        transaction.onabort = () => reject(thrown ? thrown.error : (transaction.error ?? new Error(`${name} was not written`)));
        try {
          work(transaction.objectStore(ENTRIES), (result) => (value = result));
        } catch (error) {
          thrown = { error };
          transaction.abort();
        }
      });
    }
  }

  return {
    name: `indexeddb:${name}`,
    get: <T extends Storable>(key: string) =>
      inTransaction<T | undefined>("readonly", (entries, done) => {
        const request = entries.get(key);
        request.onsuccess = () => done(request.result as T | undefined);
      }),
    keys: (prefix) =>
      inTransaction<string[]>("readonly", (entries, done) => {
        const request = entries.getAllKeys(IDBKeyRange.bound(prefix, `${prefix}\uffff`));
        request.onsuccess = () => done(request.result as string[]);
      }),
    update: async <T extends Storable>(key: string, change: (old: T | undefined) => T | undefined) => {
      let failed: { error: unknown } | undefined;
      const changed = inTransaction<T | undefined>("readwrite", (entries, done) => {
        const request = entries.get(key);
        request.onsuccess = () => {
          try {
            const value = change(request.result as T | undefined);
            if (value === undefined) entries.delete(key);
            else entries.put(value, key);
            done(value);
          } catch (error) {
            failed = { error };
            entries.transaction.abort();
          }
        };
      });
      return changed.catch((error: unknown) => {
        throw failed ? failed.error : error;
      });
    },
  };
}

function open(name: string, closed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(ENTRIES);
    request.onerror = () => reject(request.error ?? new Error(`${name} cannot be opened`));
    request.onsuccess = () => {
      const db = request.result;
      db.onclose = closed;
      // Somebody deletes the database: it must not wait for us.
      db.onversionchange = () => {
        db.close();
        closed();
      };
      resolve(db);
    };
  });
}
