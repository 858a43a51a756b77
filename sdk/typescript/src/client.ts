// Typed calls: one pipeline for all of them, from the token to the repetition.

import { feed, type FeedOptions, type FeedPage } from "./feed.js";
import { uuid } from "./ids.js";
import { NoAnswerError, WaymarkError, failure } from "./problems.js";
import { afterFailure, repeatable, takesKey, usualRetries, type Retries } from "./retries.js";
import { clientCredentials, type Credentials, type TokenSource, type Transport } from "./tokens.js";
import type { CallOptions, Data, Init, InitArguments, ItemOf, ListPath, Method, Operation, PathOf } from "./wire.js";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export type Options = {
  /** Where the service is, such as `https://waymark.example.edu`. */
  url: string;
  /** A token, or where to get one. Either this or `credentials`; neither for what needs no token. */
  token?: string | TokenSource;
  credentials?: Credentials;
  /** In the place of the global one. */
  fetch?: Fetch;
  retries?: Partial<Retries>;
  /** For one try, to the last byte of the answer; 30 seconds unless given. */
  timeoutMs?: number;
  /** For tests: waits, and rolls the dice. */
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  random?: () => number;
};

export type Called<T> = { data: T; status: number; headers: Headers };
type Raw = { status: number; headers: Headers; bytes: Uint8Array };
type Read = Called<unknown>;
type Loose = CallOptions & { path?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown };

/** What a call was given, without its type: the type of every call at once is more than the compiler takes. */
function loosely(init: readonly unknown[]): Loose {
  return (init[0] ?? {}) as Loose;
}

export class Waymark {
  readonly url: string;
  readonly #retries: Retries;
  readonly #timeoutMs: number;
  readonly #fetch: Fetch;
  readonly #token: TokenSource | undefined;
  readonly #sleep: NonNullable<Options["sleep"]>;
  readonly #random: () => number;

  constructor(options: Options) {
    this.url = options.url.replace(/\/+$/, "");
    this.#retries = { ...usualRetries, ...options.retries };
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.#sleep = options.sleep ?? sleep;
    this.#random = options.random ?? Math.random;
    const { token } = options;
    if (token !== undefined && options.credentials) throw new TypeError("give a token or credentials, not both");
    this.#token = options.credentials
      ? clientCredentials(options.credentials, this.#plainly, (once) => this.#repeated(once, { repeatable: true }))
      : typeof token === "string"
        ? () => token
        : token;
  }

  /** Reads; the answer's body. Fails with a `WaymarkError`, as the others do. */
  async get<P extends PathOf<"get">>(path: P, ...init: InitArguments<Operation<"get", P>>): Promise<Data<Operation<"get", P>>> {
    return (await this.call("get", path, ...init)).data;
  }

  async put<P extends PathOf<"put">>(path: P, ...init: InitArguments<Operation<"put", P>>): Promise<Data<Operation<"put", P>>> {
    return (await this.call("put", path, ...init)).data;
  }

  /** An `Idempotency-Key` is made and sent where the operation takes one, so that a lost answer is asked for again. */
  async post<P extends PathOf<"post">>(path: P, ...init: InitArguments<Operation<"post", P>>): Promise<Data<Operation<"post", P>>> {
    return (await this.call("post", path, ...init)).data;
  }

  async delete<P extends PathOf<"delete">>(path: P, ...init: InitArguments<Operation<"delete", P>>): Promise<void> {
    await this.call("delete", path, ...init);
  }

  /** Any call, with status and headers. */
  async call<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    ...init: InitArguments<Operation<M, P>>
  ): Promise<Called<Data<Operation<M, P>>>> {
    return (await this.#called(method, path as string, loosely(init))) as Called<Data<Operation<M, P>>>;
  }

  /** Reads unless nothing has changed since the copy with this ETag; undefined then. */
  async changed<P extends PathOf<"get">>(
    path: P,
    etag: string | undefined,
    init: Init<Operation<"get", P>>,
  ): Promise<{ data: Data<Operation<"get", P>>; etag: string | undefined } | undefined> {
    const loose = init as Loose;
    const headers = etag === undefined ? { ...loose.headers } : { ...loose.headers, "if-none-match": etag };
    const answer = await this.#called("get", path as string, { ...loose, headers });
    if (answer.status === 304) return undefined;
    return { data: answer.data as Data<Operation<"get", P>>, etag: answer.headers.get("etag") ?? undefined };
  }

  /** The bytes of an answer as they came, whatever they are. */
  async bytes<P extends PathOf<"get">>(path: P, ...init: InitArguments<Operation<"get", P>>): Promise<Uint8Array> {
    return (await this.#called("get", path as string, loosely(init), ({ bytes }) => bytes)).data as Uint8Array;
  }

  /** Everything in a list, page by page as it is asked for: one page is in memory at a time. */
  async *items<P extends ListPath>(path: P, ...init: InitArguments<Operation<"get", P>>): AsyncGenerator<ItemOf<P>, void, undefined> {
    const loose = loosely(init);
    let cursor: unknown = loose.query?.["cursor"];
    do {
      const query = cursor === undefined ? loose.query : { ...loose.query, cursor };
      const answer = await this.#called("get", path as string, { ...loose, ...(query && { query }) });
      const page = answer.data as { items: ItemOf<P>[]; next_cursor?: string | null };
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** The records, page by page; see `FeedOptions`. */
  feed(options: FeedOptions = {}): AsyncGenerator<FeedPage, void, undefined> {
    return feed(this, options, { sleep: this.#sleep, random: this.#random });
  }

  async #called(method: Method, path: string, init: Loose, read: (answer: Raw) => unknown = content): Promise<Read> {
    const url = address(path, init);
    const headers = new Headers({ accept: "*/*", ...init.headers });
    if (takesKey(method, path) && !headers.has("idempotency-key")) headers.set("idempotency-key", uuid());
    let lost = false;
    let token: string | undefined;
    let renewed: string | undefined;
    const once = async (): Promise<Read> => {
      token = renewed ?? (await this.#ownToken());
      renewed = undefined;
      if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
      const request: RequestInit = { method: method.toUpperCase(), headers };
      const sent = sendable(typeof init.body === "function" ? (init.body as () => unknown)() : init.body, headers);
      if (sent !== undefined) request.body = sent;
      try {
        const answer = await this.#once(url, request, init.signal, init.timeoutMs ?? this.#timeoutMs);
        return { status: answer.status, headers: answer.headers, data: judged(answer, read) };
      } catch (error) {
        // What an earlier try deleted, whose answer was lost, is gone: that is what was asked for.
        if (method === "delete" && lost && (error as { code?: unknown }).code === "not_found") {
          return { status: 204, headers: new Headers(), data: undefined };
        }
        lost ||= error instanceof NoAnswerError;
        throw error;
      }
    };
    const renew = async () => {
      if (token === undefined) return false;
      renewed = await this.#ownToken(token);
      // A source that has no other token would only be refused again.
      return renewed !== token;
    };
    const canRepeat = repeatable(method, path, headers.has("idempotency-key"));
    const { signal, tries } = init;
    return this.#repeated(once, { repeatable: canRepeat, renew, ...(signal && { signal }), ...(tries !== undefined && { tries }) });
  }

  /** Whoever makes tokens has tried as often as makes sense. */
  async #ownToken(refused?: string): Promise<string | undefined> {
    try {
      return await this.#token?.(refused);
    } catch (error) {
      throw new GivenUp(error);
    }
  }

  /** Makes the call until it succeeds or should not be made again. */
  async #repeated<T>(
    once: () => Promise<T>,
    call: { repeatable: boolean; renew?: () => Promise<boolean>; signal?: AbortSignal; tries?: number },
  ): Promise<T> {
    const retries = call.tries === undefined ? this.#retries : { ...this.#retries, tries: call.tries };
    let renewed = false;
    for (let tried = 1; ; tried += 1) {
      try {
        call.signal?.throwIfAborted();
        return await once();
      } catch (error) {
        if (error instanceof GivenUp) throw error.reason;
        if (!(error instanceof WaymarkError)) throw error;
        const step = afterFailure(error, { tried, renewed, repeatable: call.repeatable }, retries, this.#random);
        if (!step) throw error;
        if (step.newToken) {
          renewed = true;
          if (!(await call.renew?.().catch(given))) throw error;
        }
        await this.#sleep(step.waitMs, call.signal);
      }
    }
  }

  /** For the token endpoint, which needs no token. */
  readonly #plainly: Transport = async (path, init) => {
    const { status, headers, bytes } = await this.#once(path, init, undefined, this.#timeoutMs);
    return { status, headers, text: new TextDecoder().decode(bytes) };
  };

  /** One request, read to the end. An answer that breaks off is no answer. */
  async #once(path: string, init: RequestInit, signal: AbortSignal | undefined, timeoutMs: number): Promise<Raw> {
    const ended = new AbortController();
    const end = () => ended.abort(signal?.reason);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
    const timer = setTimeout(() => ended.abort(new DOMException(`no answer within ${timeoutMs} ms`, "TimeoutError")), timeoutMs);
    try {
      const answer = await this.#fetch(this.url + path, { ...init, signal: ended.signal });
      return { status: answer.status, headers: answer.headers, bytes: new Uint8Array(await answer.arrayBuffer()) };
    } catch (cause) {
      signal?.throwIfAborted();
      throw new NoAnswerError(`no answer: ${cause instanceof Error ? cause.message : String(cause)}`, undefined, undefined, { cause });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    }
  }
}

/** Passes a failure on that nobody should try to get around. */
class GivenUp {
  constructor(readonly reason: unknown) {}
}

function given(error: unknown): never {
  throw error instanceof GivenUp ? error.reason : error;
}

/** Reads an answer that went well; fails on every other one, and on what is not the service's. */
function judged(answer: Raw, read: (answer: Raw) => unknown): unknown {
  const { status, headers, bytes } = answer;
  if (status === 204 || status === 304) return undefined;
  if (status < 200 || status >= 300) throw failure(status, headers, new TextDecoder().decode(bytes));
  // Every answer of the service has its id. The portal of a wireless network says 200 to everything, in HTML.
  if (!headers.has("x-request-id") && (headers.get("content-type") ?? "").includes("html")) {
    throw new NoAnswerError("a page without a request id: not an answer of the service", status);
  }
  return read(answer);
}

/** JSON as its value, text as text, all else as it is. */
function content({ headers, bytes }: Raw): unknown {
  const type = headers.get("content-type") ?? "";
  if (!/\bjson\b/.test(type)) return type.startsWith("text/") ? new TextDecoder().decode(bytes) : bytes;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new NoAnswerError("an answer that is cut off", undefined, undefined, { cause });
  }
}

function address(path: string, { path: parts = {}, query = {} }: Loose): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (parts[name] === undefined) throw new TypeError(`${path} needs \`${name}\``);
    return encodeURIComponent(String(parts[name]));
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one !== undefined && one !== null) search.append(name, String(one));
    }
  }
  return search.size > 0 ? `${filled}?${search.toString()}` : filled;
}

function sendable(body: unknown, headers: Headers): BodyInit | undefined {
  if (body === undefined) return undefined;
  const type = (usual: string) => headers.has("content-type") || headers.set("content-type", usual);
  if (body instanceof Uint8Array || body instanceof Blob) {
    type(body instanceof Blob && body.type ? body.type : "application/zip");
    return body as BodyInit;
  }
  type("application/json");
  return JSON.stringify(body);
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
  });
}
