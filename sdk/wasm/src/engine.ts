import type { components } from "./contract.js";

/** What somebody observed of a refusal. Leave out what is not known. */
export type Evidence = components["schemas"]["Evidence"];
/** Which layer refused, with reasons. */
export type Verdict = components["schemas"]["DiagnosisVerdict"];
export type Layer = Verdict["verdict"];

/** Why something was not diagnosed: it is no JSON, no evidence, or too long. */
export class EvidenceError extends Error {
  override readonly name = "EvidenceError";
  constructor(
    readonly code: "malformed_json" | "invalid_evidence" | "too_long" | "engine",
    /** JSON pointer (RFC 6901) to what is wrong; null where it could not be read at all. */
    readonly pointer: string | null,
    detail: string,
  ) {
    super(pointer ? `${pointer}: ${detail}` : detail);
  }
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  waymark_room(length: number): number;
  waymark_diagnose(): number;
  waymark_answer(): number;
  waymark_forget(): void;
}

type Answer = { verdict: Verdict } | { error: { code: EvidenceError["code"]; pointer: string | null; detail: string } };

/** The engine, ready to diagnose. It reaches nothing and keeps nothing; all calls are synchronous. */
export class Engine {
  readonly #module: WebAssembly.Module;
  #exports: Exports | undefined;

  private constructor(module: WebAssembly.Module, instance: WebAssembly.Instance) {
    this.#module = module;
    this.#exports = instance.exports as unknown as Exports;
  }

  /** From the bytes of `waymark.wasm`, or from what was compiled of them. */
  static async from(source: BufferSource | WebAssembly.Module): Promise<Engine> {
    const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
    return new Engine(module, await WebAssembly.instantiate(module));
  }

  /** What the evidence shows: the same verdict as `POST /v1/diagnoses` gives without signals of a tenant's own. */
  diagnose(evidence: Evidence): Verdict {
    return this.diagnoseJson(JSON.stringify(evidence));
  }

  /** The same, for evidence that is JSON already. */
  diagnoseJson(json: string): Verdict {
    const answer = JSON.parse(this.#answer(new TextEncoder().encode(json))) as Answer;
    if ("verdict" in answer) return answer.verdict;
    const { code, pointer, detail } = answer.error;
    throw new EvidenceError(code, pointer, detail);
  }

  /** How much memory the module holds, in bytes. It grows with the longest text, and never shrinks. */
  get memoryBytes(): number {
    return this.#exports?.memory.buffer.byteLength ?? 0;
  }

  #answer(given: Uint8Array): string {
    // After a failure inside of it an instance is in no known state; the next call has a new one.
    const own = (this.#exports ??= new WebAssembly.Instance(this.#module).exports as unknown as Exports);
    this.#exports = undefined;
    const room = own.waymark_room(given.length);
    if (room !== 0) {
      new Uint8Array(own.memory.buffer, room, given.length).set(given);
      const length = own.waymark_diagnose();
      const text = new TextDecoder().decode(new Uint8Array(own.memory.buffer, own.waymark_answer(), length));
      own.waymark_forget();
      this.#exports = own;
      return text;
    }
    this.#exports = own;
    throw new EvidenceError("too_long", null, `${given.length} bytes are more than one piece of evidence may have.`);
  }
}
