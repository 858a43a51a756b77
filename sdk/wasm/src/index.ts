import { Engine } from "./engine.js";

export { Engine, EvidenceError, type Evidence, type Layer, type Verdict } from "./engine.js";

/**
 * Fetches the module and makes the engine ready. Without `source` it is `waymark.wasm` beside this file, where bundlers find it
 * too; otherwise an address, an answer that was fetched or kept (`caches.match`), its bytes, or what was compiled of them.
 */
export async function load(source: Source = new URL("./waymark.wasm", import.meta.url)): Promise<Engine> {
  const given = typeof source === "string" || source instanceof URL ? await fetch(source) : source;
  if (!(given instanceof Response)) return Engine.from(given);
  if (!given.ok) throw new Error(`${given.url} was answered with ${given.status}`);
  return Engine.from(await given.arrayBuffer());
}

export type Source = string | URL | Response | BufferSource | WebAssembly.Module;
