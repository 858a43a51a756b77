// The pipeline of a call, against a service that answers what the test tells it to.

import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { NoAnswerError, ProblemError, TokenRefusedError } from "@waymark/sdk";
import { cut, faked, json, refusal } from "./fake.js";

const busy = () => refusal({ status: 503, code: "overloaded", retry: "after_delay" }, { "retry-after": "2" });
const lesson = { path: { slug: "a b/ä" } };

test("a busy service is asked again after the time that it says", async () => {
  const { waymark, asked, waits } = faked([busy, busy, () => json({ slug: "x" })]);
  deepStrictEqual(await waymark.get("/v1/lessons/{slug}", { ...lesson, query: { language: "en" } }), { slug: "x" });
  equal(asked[0]?.path, "/v1/lessons/a%20b%2F%C3%A4?language=en");
  deepStrictEqual(waits, [2125, 2250]);
});

test("it is asked five times in all, and the last problem comes out typed", async () => {
  const { waymark, asked } = faked([busy]);
  await rejects(waymark.get("/v1/lessons"), (error) => {
    ok(error instanceof ProblemError);
    deepStrictEqual([error.code, error.status, error.retry, error.requestId, error.retryAfterMs, error.temporary], ["overloaded", 503, "after_delay", "r", 2000, true]);
    return true;
  });
  equal(asked.length, 5);
});

test("what the service says never to repeat is never repeated", async () => {
  for (const retry of ["never", "change_request", "some_day"]) {
    const { waymark, asked } = faked([() => refusal({ retry, code: "illegal_state", params: { state: "x" } })]);
    await rejects(waymark.put("/v1/attempts/{id}", { path: { id: "i" }, body: { lesson: "l" } }), ProblemError);
    equal(asked.length, 1, retry);
  }
});

test("a POST whose answer is lost is repeated under one key, made here or by the caller", async () => {
  for (const headers of [{}, { "idempotency-key": "mine" }]) {
    const { waymark, asked } = faked([cut, cut, () => json({ id: "i" }, 201)]);
    await waymark.post("/v1/attempts", { body: { lesson: "l" }, headers });
    const keys = asked.map((one) => one.headers.get("idempotency-key"));
    equal(new Set(keys).size, 1);
    ok(keys[0]);
    if ("idempotency-key" in headers) equal(keys[0], "mine");
  }
});

test("a POST that nobody can repeat is not repeated", async () => {
  const { waymark, asked } = faked([cut]);
  const post = waymark.post.bind(waymark) as unknown as (path: string, init: object) => Promise<unknown>;
  await rejects(post("/v1/of-a-later-version", { body: {} }), NoAnswerError);
  equal(asked.length, 1);
});

test("a body that is a function is made anew for every try", async () => {
  const { waymark, asked } = faked([cut, () => json({})]);
  let tries = 0;
  await waymark.put("/v1/attempts/{id}", { path: { id: "i" }, body: () => ({ lesson: "l", sent_at: `t${(tries += 1)}` }) });
  deepStrictEqual(asked.map(({ body }) => (JSON.parse(body) as { sent_at: string }).sent_at), ["t1", "t2"]);
});

test("a deletion whose answer was lost, and that finds nothing then, was done", async () => {
  const gone = () => refusal({ status: 404, code: "not_found", retry: "never" });
  await faked([cut, gone]).waymark.delete("/v1/drafts/{slug}", { path: { slug: "d" } });
  await rejects(faked([gone]).waymark.delete("/v1/drafts/{slug}", { path: { slug: "d" } }), ProblemError);
});

test("a refused token is replaced once, and a source that has no other is not asked twice", async () => {
  const expired = () => refusal({ status: 401, code: "token_invalid", retry: "new_token" });
  const given: (string | undefined)[] = [];
  let number = 0;
  const token = (refused?: string) => {
    given.push(refused);
    return refused === undefined ? `t${number}` : `t${(number += 1)}`;
  };
  const again = faked([expired, () => json({ items: [] })], { token });
  await again.waymark.get("/v1/lessons");
  deepStrictEqual(again.asked.map(({ headers }) => headers.get("authorization")), ["Bearer t0", "Bearer t1"]);
  deepStrictEqual(given, [undefined, "t0"]);

  const never = faked([expired], { token });
  await rejects(never.waymark.get("/v1/lessons"), ProblemError);
  equal(never.asked.length, 2);

  const fixed = faked([expired], { token: "fixed" });
  await rejects(fixed.waymark.get("/v1/lessons"), ProblemError);
  equal(fixed.asked.length, 1);
});

const credentials = { clientId: "c", clientSecret: "s", scope: "lessons:read" };

test("client credentials: one fetch for many calls, kept, and replaced when refused", async () => {
  let tokens = 0;
  let valid = "t1";
  const { waymark, asked } = faked([], {
    credentials,
    fetch: async (url, { headers }) => {
      if (url.endsWith("/oauth/token")) return json({ access_token: `t${(tokens += 1)}`, expires_in: 3600 });
      const sent = new Headers(headers).get("authorization");
      return sent === `Bearer ${valid}` ? json({ items: [] }) : refusal({ status: 401, code: "token_invalid", retry: "new_token" });
    },
  });
  await Promise.all(Array.from({ length: 20 }, () => waymark.get("/v1/lessons")));
  equal(tokens, 1);
  valid = "t2";
  await Promise.all(Array.from({ length: 20 }, () => waymark.get("/v1/lessons")));
  equal(tokens, 2, "twenty refusals at once are one new token");
  equal(asked.length, 0);
});

test("client credentials: a token is not used in the last minute of its life", async () => {
  let tokens = 0;
  const { waymark } = faked([], {
    credentials,
    fetch: async (url) => (url.endsWith("/oauth/token") ? json({ access_token: `t${(tokens += 1)}`, expires_in: 0 }) : json({ items: [] })),
  });
  await waymark.get("/v1/lessons");
  await waymark.get("/v1/lessons");
  equal(tokens, 2);
});

test("client credentials: a busy token endpoint is asked again, wrong credentials are not", async () => {
  const wrong = faked([() => json({ error: "invalid_client", error_description: "no" }, 401)], { credentials });
  await rejects(wrong.waymark.get("/v1/lessons"), TokenRefusedError);
  equal(wrong.asked.length, 1);
  const down = faked([cut], { credentials });
  await rejects(down.waymark.get("/v1/lessons"), NoAnswerError);
  equal(down.asked.length, 5, "and its tries are not tried again by the call that needed it");
  const late = faked([() => json({ error: "temporarily_unavailable", error_description: "" }, 503), cut, () => json({ access_token: "t", expires_in: 60 }), () => json({ items: [] })], { credentials });
  await late.waymark.get("/v1/lessons");
  equal(late.asked.length, 4);
});

test("what stands between is no answer of the service: a proxy, a portal, JSON that breaks off", async () => {
  const page = (status: number) => () => new Response("<html>", { status, headers: { "content-type": "text/html" } });
  const broken = () => new Response('{"items":[', { headers: { "content-type": "application/json", "x-request-id": "r" } });
  for (const [answer, tries] of [[page(502), 5], [page(200), 1], [page(403), 1], [broken, 5]] as const) {
    const { waymark, asked } = faked([answer]);
    await rejects(waymark.get("/v1/lessons"), (error) => error instanceof NoAnswerError && error.temporary);
    equal(asked.length, tries);
  }
});

test("a call can be ended, also while it waits, and one try has an end", async () => {
  const ended = new AbortController();
  const never = () => new Promise<Response>(() => undefined);
  const { waymark } = faked([busy], { sleep: async () => ended.abort(new Error("enough")) });
  await rejects(waymark.get("/v1/lessons", { signal: ended.signal }), /enough/);
  const slow = faked([], {
    timeoutMs: 5,
    fetch: (_, { signal }) => Promise.race([never(), new Promise<Response>((_, no) => signal?.addEventListener("abort", () => no(signal.reason as Error)))]),
  });
  await rejects(slow.waymark.get("/v1/lessons", { tries: 1 }), /no answer within 5 ms/);
});

test("a list is read page by page, as it is asked for", async () => {
  const pages = [{ items: [1, 2], next_cursor: "c1" }, { items: [], next_cursor: "c2" }, { items: [3] }];
  const { waymark, asked } = faked(pages.map((page) => () => json(page)));
  const seen: unknown[] = [];
  for await (const attempt of waymark.items("/v1/attempts", { query: { lesson: "l" } })) {
    seen.push(attempt);
    if (seen.length === 1) equal(asked.length, 1);
  }
  deepStrictEqual(seen, [1, 2, 3]);
  deepStrictEqual(asked.map(({ path }) => path), ["/v1/attempts?lesson=l", "/v1/attempts?lesson=l&cursor=c1", "/v1/attempts?lesson=l&cursor=c2"]);
});

test("the feed ends where the log does, or goes on for ever, over every break", async () => {
  const page = (id: string, more: boolean) => () => json({ items: [{ id }], next_cursor: `after-${id}`, has_more: more, as_of: "t" });
  const once = faked([page("1", true), page("2", false)]);
  const cursors: string[] = [];
  for await (const { cursor } of once.waymark.feed({ after: "begin" })) cursors.push(cursor);
  deepStrictEqual(cursors, ["after-1", "after-2"]);
  deepStrictEqual(once.asked.map(({ path }) => path), ["/v1/records?after=begin", "/v1/records?after=after-1"]);

  const broken = faked([page("1", false), ...Array<typeof cut>(12).fill(cut), busy, page("2", false), () => refusal({ code: "cursor_ahead", retry: "change_request" })], {});
  const ids: string[] = [];
  await rejects(async () => {
    for await (const { records } of broken.waymark.feed({ everyMs: 1000 })) ids.push(...records.map(({ id }) => id));
  }, /cursor_ahead/);
  deepStrictEqual(ids, ["1", "2"]);
  ok(broken.waits.every((ms) => ms <= 62_000));
});

test("an unchanged copy is told by its ETag", async () => {
  const { waymark, asked } = faked([() => new Response(null, { status: 304, headers: { "x-request-id": "r" } })]);
  equal(await waymark.changed("/v1/lessons/{slug}", '"e"', { path: { slug: "l" } }), undefined);
  equal(asked[0]?.headers.get("if-none-match"), '"e"');
});
