// A course without a network: the parts of its bundle, each under the SHA-256 of its bytes.

import type { Waymark } from "./client.js";
import { alone } from "./locks.js";
import { NoAnswerError, ProblemError, WaymarkError } from "./problems.js";
import { sha256 } from "./sha256.js";
import type { Store } from "./stores/store.js";
import type { Exercise, Glossary, Lesson, Manifest, ManifestPart, Quiz } from "./wire.js";

export type BundleOptions = {
  waymark: Waymark;
  store: Store;
  /** The slug of the course. */
  course: string;
  /** Only these languages; all unless given. */
  languages?: string[];
};

export type Synced = {
  /** Whether there is another bundle now than before. */
  changed: boolean;
  /** Parts that were fetched, and their bytes. */
  fetched: number;
  bytes: number;
  /** Parts that were there already. */
  had: number;
  /** Somebody else (another tab) is at it; nothing was done. */
  busy: boolean;
};

/** `next` is a manifest whose parts are not all there yet; until they are, `current` is what is read. */
type Kept = { current?: Held; next?: Held };
type Held = { etag?: string; languages: string; manifest: Manifest };

/** A part is not here: the bundle was never synced, or the browser cleared some of it. `sync` brings it. */
export class PartMissingError extends WaymarkError {
  override name = "PartMissingError";
}

const MANIFESTS = "bundle/";
const PARTS = "part/";
/** Parts fetched at a time. */
const AT_ONCE = 4;

export class Bundle {
  readonly #waymark: Waymark;
  readonly #store: Store;
  readonly #key: string;
  readonly #course: string;
  readonly #languages: string;

  constructor({ waymark, store, course, languages = [] }: BundleOptions) {
    this.#waymark = waymark;
    this.#store = store;
    this.#course = course;
    this.#key = MANIFESTS + course;
    this.#languages = [...languages].sort().join(",");
  }

  /**
   * Brings what is new, and drops what no bundle here names any more. Cut off in the middle it leaves the old bundle whole and
   * keeps what it has of the new one. `told` hears how many of the parts to fetch are there.
   */
  async sync({ signal, told }: { signal?: AbortSignal; told?: (fetched: number, of: number) => void } = {}): Promise<Synced> {
    const done = await alone(`waymark bundles ${this.#store.name}`, () => this.#sync(signal, told));
    return done ?? { changed: false, fetched: 0, bytes: 0, had: 0, busy: true };
  }

  async #sync(signal: AbortSignal | undefined, told: ((fetched: number, of: number) => void) | undefined): Promise<Synced> {
    for (let again = 0; ; again += 1) {
      const before = await this.#kept();
      // What was asked for in other languages is another bundle, whatever its ETag.
      const known = [before.current, before.next].filter((held) => held?.languages === this.#languages);
      const newest = await this.#newest(known[0], signal);
      const wanted = newest ?? known[0];
      if (!wanted) throw new Error("unchanged, but compared with nothing");
      await this.#keep({ ...before, next: wanted });
      try {
        const fetched = await this.#fetchMissing(wanted.manifest.parts, signal, told);
        await this.#keep({ current: wanted });
        await this.#drop();
        return { changed: wanted !== before.current, ...fetched, busy: false };
      } catch (error) {
        // A part that is gone was replaced since the manifest was made.
        const gone = error instanceof ProblemError && error.code === "not_found";
        if (!gone || again === 2) throw error;
      }
    }
  }

  async #newest(known: Held | undefined, signal: AbortSignal | undefined): Promise<Held | undefined> {
    const query = this.#languages === "" ? {} : { language: [this.#languages] };
    const asked = { path: { slug: this.#course }, query, ...(signal && { signal }) };
    const answer = await this.#waymark.changed("/v1/courses/{slug}/bundle", known?.etag, asked);
    if (!answer) return undefined;
    return { manifest: answer.data, languages: this.#languages, ...(answer.etag !== undefined && { etag: answer.etag }) };
  }

  async #fetchMissing(parts: ManifestPart[], signal: AbortSignal | undefined, told?: (fetched: number, of: number) => void) {
    const there = new Set(await this.#store.keys(PARTS));
    const missing = [...new Map(parts.map((part) => [part.sha256, part])).values()].filter((part) => !there.has(PARTS + part.sha256));
    let fetched = 0;
    let bytes = 0;
    const waiting = missing.values();
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (const part of waiting) {
        await this.#store.update<Uint8Array>(PARTS + part.sha256, await this.#fetched(part, signal));
        fetched += 1;
        bytes += part.bytes;
        told?.(fetched, missing.length);
      }
    });
    const ends = await Promise.allSettled(workers);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return { fetched, bytes, had: parts.length - missing.length };
  }

  /** The bytes of a part, if they are those that its name promises. */
  async #fetched(part: ManifestPart, signal: AbortSignal | undefined): Promise<() => Uint8Array> {
    for (let again = false; ; again = true) {
      const bytes = await this.#waymark.bytes("/v1/bundle-parts/{sha256}", {
        path: { sha256: part.sha256 },
        timeoutMs: 120_000,
        ...(signal && { signal }),
        // What a cache between spoiled is not asked for again.
        ...(again && { headers: { "cache-control": "no-cache" } }),
      });
      if (sha256(bytes) === part.sha256) return () => bytes;
      if (again) throw new NoAnswerError(`the part ${part.id} arrived with other bytes than its name promises`);
    }
  }

  /** Looks at every bundle in the store, since they share parts. */
  async #drop(): Promise<void> {
    const named = new Set<string>();
    for (const key of await this.#store.keys(MANIFESTS)) {
      const { current, next } = (await this.#store.get<Kept>(key)) ?? {};
      for (const held of [current, next]) for (const part of held?.manifest.parts ?? []) named.add(PARTS + part.sha256);
    }
    for (const key of await this.#store.keys(PARTS)) if (!named.has(key)) await this.#store.update(key, () => undefined);
  }

  /** What this bundle has; undefined before it was synced for the first time. */
  async manifest(): Promise<Manifest | undefined> {
    return (await this.#kept()).current?.manifest;
  }

  /** In the language asked for, or one that comes near, or the first that is there. */
  lesson(slug: string, language?: string): Promise<Lesson> {
    return this.part("lesson", { lesson: slug, language }) as Promise<Lesson>;
  }

  quiz(slug: string, language?: string): Promise<Quiz> {
    return this.part("quiz", { lesson: slug, language }) as Promise<Quiz>;
  }

  exercise(slug: string, language?: string): Promise<Exercise> {
    return this.part("exercise", { lesson: slug, language }) as Promise<Exercise>;
  }

  glossary(language?: string): Promise<Glossary> {
    return this.part("glossary", { language }) as Promise<Glossary>;
  }

  /** The content of any part, by its kind (see `BundlePart.kind` of the contract). */
  async part(kind: string, wanted: { lesson?: string | undefined; language?: string | undefined } = {}): Promise<unknown> {
    const parts = (await this.manifest())?.parts ?? [];
    const fitting = parts.filter((part) => part.kind === kind && (wanted.lesson === undefined || part.lesson === wanted.lesson));
    const part = nearest(fitting, wanted.language);
    const bytes = part && (await this.#store.get<Uint8Array>(PARTS + part.sha256));
    if (!bytes) throw new PartMissingError(`no ${kind} ${wanted.lesson ?? ""} of ${this.#course} is here; sync the bundle`);
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  }

  async #kept(): Promise<Kept> {
    return (await this.#store.get<Kept>(this.#key)) ?? {};
  }

  async #keep(kept: Kept): Promise<void> {
    await this.#store.update<Kept>(this.#key, () => kept);
  }
}

/** RFC 4647, lookup: `de-AT` falls back to `de`; then to the first. */
function nearest(parts: ManifestPart[], language: string | undefined): ManifestPart | undefined {
  for (let tag = language?.toLowerCase().replaceAll("_", "-") ?? ""; tag !== ""; tag = tag.slice(0, Math.max(0, tag.lastIndexOf("-")))) {
    const found = parts.find((part) => part.language?.toLowerCase() === tag);
    if (found) return found;
  }
  return parts[0];
}
