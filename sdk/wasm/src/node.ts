import { readFile } from "node:fs/promises";
import { Engine } from "./engine.js";
import { load as fetched, type Source } from "./index.js";

export * from "./index.js";

/** Reads the module from its file and makes the engine ready; see `load` for browsers for what else `source` may be. */
export async function load(source: Source = new URL("./waymark.wasm", import.meta.url)): Promise<Engine> {
  return source instanceof URL && source.protocol === "file:" ? Engine.from(await readFile(source)) : fetched(source);
}
