// Types of the contract. Everything is derived from `paths`, by URL and method, so that a schema may change its name without
// changing anything here: this is the only file that looks into the generated ones.

import type { paths } from "./generated/contract.js";

export type { paths };
export type Method = "get" | "put" | "post" | "delete";

/** The URLs that have an operation of this method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

export type Operation<M extends Method, P extends keyof paths> = M extends keyof paths[P] ? paths[P][M] : never;

/** The body of an answer that went well: JSON as its type, text as a string, all else as bytes. */
export type Data<O> = O extends { responses: infer R } ? BodyOf<R[keyof R & (200 | 201 | 202 | 204)]> : never;

type BodyOf<A> = A extends { content: infer C }
  ? { [T in keyof C]: T extends `${string}json` ? C[T] : T extends `text/${string}` ? string : Uint8Array }[keyof C]
  : undefined;

type PartOf<O, Name extends string> = O extends { parameters: infer Q } ? (Name extends keyof Q ? Pick<Q, Name> : unknown) : unknown;
type Content<C> = { [T in keyof C]: T extends `${string}json` ? C[T] : Uint8Array | Blob }[keyof C];
type BodyPart<O> = O extends { requestBody: { content: infer C } }
  ? { body: Content<C> | (() => Content<C>) }
  : O extends { requestBody?: { content: infer C } }
    ? { body?: Content<C> | (() => Content<C>) }
    : unknown;

/** What every call takes besides. */
export type CallOptions = {
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** For one try, to the last byte of the answer. */
  timeoutMs?: number;
  /** Tries in all; the client's unless given. */
  tries?: number;
};

/**
 * What a call takes: the parameters of its URL, its query and its body. A body that is a function is asked anew for every try,
 * for a `sent_at` that is true; only for PUT, since an `Idempotency-Key` is bound to one body.
 */
export type Init<O> = PartOf<O, "path"> & PartOf<O, "query"> & BodyPart<O> & CallOptions;

/** `init` may be left out where nothing in it is needed. */
export type InitArguments<O> = Record<never, never> extends Init<O> ? [init?: Init<O>] : [init: Init<O>];

type Got<P extends PathOf<"get">> = Exclude<Data<Operation<"get", P>>, string>;
type Body<M extends Method, P extends keyof paths> =
  Operation<M, P> extends { requestBody: { content: { "application/json": infer B } } } ? B : never;

export type Attempt = Got<"/v1/attempts/{id}">;
export type AttemptPut = Body<"put", "/v1/attempts/{id}">;
export type ResponsePut = NonNullable<AttemptPut["responses"]>[number];
/** An answer to one item, of the item's kind. */
export type Answer = ResponsePut["response"];
export type SaveResult = NonNullable<Attempt["results"]>[number];
export type LearnerRef = NonNullable<AttemptPut["learner"]>;
export type Context = NonNullable<AttemptPut["context"]>;
export type Purpose = NonNullable<AttemptPut["purpose"]>;
export type Drawn = NonNullable<Attempt["order"]>[number];
export type Lesson = Got<"/v1/lessons/{slug}">;
export type Quiz = Got<"/v1/lessons/{slug}/quiz">;
export type QuizItem = Quiz["items"][number];
export type Rationale = NonNullable<NonNullable<Attempt["items"]>[number]["rationales"]>[number];
export type Exercise = Got<"/v1/lessons/{slug}/exercise">;
export type Glossary = Got<"/v1/courses/{slug}/glossary">;
export type Manifest = Got<"/v1/courses/{slug}/bundle">;
export type ManifestPart = Manifest["parts"][number];
export type RecordPage = Got<"/v1/records">;
export type FeedRecord = RecordPage["items"][number];
export type FeedQuery = NonNullable<Operation<"get", "/v1/records">["parameters"]["query"]>;

/** `application/problem+json`. Written out, because every operation has it. Values of `retry` and `code` may be added. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors: { pointer?: string | null; parameter?: string | null; detail: string }[];
  params: Record<string, unknown>;
  retry: string;
  request_id: string;
};

/** The lists whose pages are followed by `cursor`. */
export type ListPath = {
  [P in PathOf<"get">]: Operation<"get", P> extends { parameters: { query?: { cursor?: unknown } } }
    ? Data<Operation<"get", P>> extends { items: unknown[] }
      ? P
      : never
    : never;
}[PathOf<"get">];

export type ItemOf<P extends ListPath> = Data<Operation<"get", P>> extends { items: (infer I)[] } ? I : never;
