// For Node: a file for each entry, written beside and renamed, so that a program that is killed leaves the old one or the new
// one. A folder is for one process at a time.

import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, readdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Turns, type Storable, type Store } from "./store.js";

/** One after the other for each folder, however many stores are made of it. */
const folders = new Map<string, Turns>();

export function folderStore(path: string): Store {
  const folder = resolve(path);
  const turns = folders.get(folder) ?? new Turns();
  folders.set(folder, turns);
  // In turn, so that it takes nothing away from another store of this folder.
  const made = turns.next(() => tidied(folder));
  made.catch(() => undefined);

  const file = (key: string) => join(folder, encodeURIComponent(key).replaceAll("*", "%2A"));

  async function read<T extends Storable>(key: string): Promise<T | undefined> {
    await made;
    const [json, bytes] = await Promise.all([content(`${file(key)}.json`), content(`${file(key)}.bin`)]);
    if (json) return JSON.parse(json.toString("utf8")) as T;
    return bytes && (new Uint8Array(bytes) as unknown as T);
  }

  async function write(key: string, value: Storable): Promise<void> {
    const isBytes = value instanceof Uint8Array;
    const beside = join(folder, `${randomBytes(8).toString("hex")}.part`);
    const handle = await open(beside, "wx");
    try {
      await handle.writeFile(isBytes ? value : JSON.stringify(value));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, `${file(key)}${isBytes ? ".bin" : ".json"}`);
  }

  return {
    name: `folder:${folder}`,
    get: read,
    keys: async (prefix) => {
      await made;
      const names = (await readdir(folder)).filter((name) => /\.(json|bin)$/.test(name));
      const keys = names.map((name) => decodeURIComponent(name.replace(/\.\w+$/, "")));
      return keys.filter((key) => key.startsWith(prefix)).sort();
    },
    update: (key, change) =>
      turns.next(async () => {
        const value = change(await read(key));
        if (value === undefined) await Promise.all([`${file(key)}.json`, `${file(key)}.bin`].map((name) => rm(name, { force: true })));
        else await write(key, value);
        await settle(folder);
        return value;
      }),
  };
}

/** Makes the folder, and takes away what a killed program left half written. */
async function tidied(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const half = (await readdir(folder)).filter((name) => name.endsWith(".part"));
  await Promise.all(half.map((name) => rm(join(folder, name), { force: true })));
}

async function content(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** A new name is durable once the folder is. Systems that open no folders keep names by themselves. */
async function settle(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
