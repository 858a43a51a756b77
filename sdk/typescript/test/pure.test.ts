// What needs no network: the drawing rule, SHA-256, times, when a call is made again, how a queued attempt changes.

import { deepStrictEqual, equal, match, ok, throws } from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { NoAnswerError, ProblemError, TokenRefusedError, clientTime, draw, stateOf, uuid, type Drawn, type QueuedAttempt } from "@waymark/sdk";
import { afterFailure, backoff, repeatable, usualRetries } from "../dist/retries.js";
import { toSend, withAnswer, withAttempt, withRefusal, withSubmission } from "../dist/queue-state.js";
import { sha256 } from "../dist/sha256.js";
import { problem } from "./fake.js";

type Vector = { algorithm: string; version: string; attempt: string; items: { id: string; options: string[] }[]; draw: number | null; order: Drawn[] };

test("the drawing rule agrees with every published vector", () => {
  const vectors = JSON.parse(readFileSync("../../openapi/order-vectors.json", "utf8")) as Vector[];
  ok(vectors.length >= 3);
  for (const { algorithm, version, attempt, items, draw: most, order } of vectors) {
    const shaped = items.map(({ id, options }) => ({ id, options: options.map((option) => ({ id: option })) }));
    const quiz = { version, items: shaped, order: { algorithm, draw: most, shuffle_items: true, shuffle_options: true } };
    deepStrictEqual(draw(quiz, attempt), order);
    deepStrictEqual(draw(quiz, attempt.toUpperCase()), order);
  }
});

test("a quiz that is not shuffled keeps its order, and an unknown rule is refused", () => {
  const items = ["b", "a"].map((id) => ({ id, options: [{ id: "y" }, { id: "x" }] }));
  const order = { algorithm: "sha256-v1", draw: 1, shuffle_items: false, shuffle_options: false };
  deepStrictEqual(draw({ version: "v", items, order }, uuid()), [{ item: "b", options: ["y", "x"] }]);
  throws(() => draw({ version: "v", items, order: { ...order, algorithm: "sha512-v9" } }, uuid()), /sha512-v9/);
});

test("SHA-256 is that of the platform, for every length up to three blocks and for large ones", () => {
  for (const length of [...Array(200).keys(), 65_535, 1_000_003]) {
    const bytes = randomBytes(length);
    equal(sha256(bytes), createHash("sha256").update(bytes).digest("hex"), `${length} bytes`);
  }
});

test("ids are UUIDs of version 4, times have their offset", () => {
  match(uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const moment = new Date("2026-11-23T23:30:00.120Z");
  match(clientTime(moment), /^2026-11-2\dT\d\d:\d\d:00\.120[+-]\d\d:\d\d$/);
  equal(new Date(clientTime(moment)).getTime(), moment.getTime());
});

test("a failed call is made again as the service says, and no oftener", () => {
  const call = { tried: 1, renewed: false, repeatable: true };
  const after = (error: Parameters<typeof afterFailure>[0], changed = {}) => afterFailure(error, { ...call, ...changed }, usualRetries, () => 0);
  const said = (retry: string, retryAfterMs?: number) => new ProblemError(problem({ retry }), retryAfterMs);
  const rows: [string, ReturnType<typeof after>, ReturnType<typeof after>][] = [
    ["same_request", after(said("same_request")), { waitMs: 125, newToken: false }],
    ["after_delay without a time", after(said("after_delay")), { waitMs: 125, newToken: false }],
    ["after_delay waits at least as long as it says", after(said("after_delay", 7000)), { waitMs: 7125, newToken: false }],
    ["after_delay of a day is the caller's", after(said("after_delay", 86_400_000)), undefined],
    ["change_request", after(said("change_request")), undefined],
    ["never", after(said("never")), undefined],
    ["a word of a later version", after(said("perhaps")), undefined],
    ["new_token", after(said("new_token")), { waitMs: 0, newToken: true }],
    ["new_token, once", after(said("new_token"), { renewed: true }), undefined],
    ["new_token, where nothing may be repeated", after(said("new_token"), { repeatable: false }), { waitMs: 0, newToken: true }],
    ["no answer", after(new NoAnswerError("cut")), { waitMs: 125, newToken: false }],
    ["no answer, not repeatable", after(new NoAnswerError("cut"), { repeatable: false }), undefined],
    ["busy, not repeatable", after(said("after_delay", 1000), { repeatable: false }), undefined],
    ["a proxy's 502", after(new NoAnswerError("proxy", 502)), { waitMs: 125, newToken: false }],
    ["a firewall's 403", after(new NoAnswerError("firewall", 403)), undefined],
    ["the last try", after(said("same_request"), { tried: 5 }), undefined],
    ["wrong credentials", after(new TokenRefusedError("invalid_client", "", 401)), undefined],
    ["no token just now", after(new TokenRefusedError("temporarily_unavailable", "", 503)), { waitMs: 125, newToken: false }],
  ];
  for (const [name, is, wanted] of rows) deepStrictEqual(is, wanted, name);
});

test("waits double, are spread and bounded", () => {
  const bounds = { firstMs: 100, longestMs: 1000 };
  deepStrictEqual([1, 2, 3, 4, 5, 500].map((tried) => backoff(tried, bounds, () => 1)), [100, 200, 400, 800, 1000, 1000]);
  equal(backoff(3, bounds, () => 0), 200);
});

test("only what the contract makes repeatable is repeated", () => {
  equal(repeatable("put", "/v1/attempts/{id}", false), true);
  equal(repeatable("post", "/v1/attempts", true), true);
  equal(repeatable("post", "/v1/attempts", false), false);
  equal(repeatable("post", "/v1/attempts/{id}/submit", false), true);
  equal(repeatable("post", "/v1/of-a-later-version", true), false);
});

const begun: QueuedAttempt = {
  id: "a", number: 1, lesson: "l", version: "v", language: "en", purpose: "assigned", context: {},
  order: [{ item: "i", options: ["x", "y"] }, { item: "j", options: ["x"] }],
  startedAt: "t", submit: false, answers: {}, changes: 1, answered: 0,
}; // prettier-ignore
const choice = (item: string, option: string) => ({ item, response: { kind: "single_choice", option } as const, answeredAt: "t" });
const attempt = (state: string, results: object[]) => ({ state, results }) as unknown as NonNullable<QueuedAttempt["attempt"]>;

test("`seq` counts per item, and goes on from what another device reached", () => {
  let queued = withAnswer(withAnswer(withAnswer(begun, choice("i", "x")), choice("i", "y")), choice("j", "x"));
  deepStrictEqual([queued.answers["i"]?.seq, queued.answers["j"]?.seq], [2, 1]);
  const sent = toSend(queued);
  queued = withAttempt(queued, sent, attempt("in_progress", [{ status: "superseded", seq_in_force: 9 }, { status: "saved" }]));
  equal(stateOf(queued), "open");
  equal(queued.answers["i"]?.outcome?.status, "superseded");
  queued = withAnswer(queued, choice("i", "x"));
  equal(queued.answers["i"]?.seq, 10);
  deepStrictEqual(toSend(queued).answers.map(({ item }) => item), ["i"], "what was answered is not sent again");
  throws(() => withAnswer(queued, choice("k", "x")), /does not draw/);
});

test("what is answered while a request is on its way stays to be sent", () => {
  const queued = withAnswer(begun, choice("i", "x"));
  const sent = toSend(queued);
  const changed = withAttempt(withAnswer(queued, choice("i", "y")), sent, attempt("in_progress", [{ status: "saved" }]));
  equal(stateOf(changed), "pending");
  equal(changed.answers["i"]?.outcome, undefined);
});

test("a refused answer leaves the attempt to be mended; a submitted one is closed", () => {
  let queued = withSubmission(withAnswer(withAnswer(begun, choice("i", "?")), choice("j", "x")), "t", true);
  const refusal = { status: "refused", problem: { code: "invalid_body", detail: "no such option" } };
  queued = withAttempt(queued, toSend(queued), attempt("in_progress", [refusal, { status: "saved" }]));
  equal(stateOf(queued), "unsubmitted");
  equal(queued.answers["i"]?.outcome?.problem?.code, "invalid_body");
  throws(() => withAnswer(queued, choice("j", "x")), /is submitted/);
  queued = withAnswer(queued, choice("i", "x"));
  equal(stateOf(queued), "pending");
  queued = withAttempt(queued, toSend(queued), attempt("submitted", [{ status: "saved" }, { status: "saved" }]));
  equal(stateOf(queued), "submitted");
  throws(() => withAnswer(queued, choice("i", "y")), /is submitted/);
});

test("an attempt that is refused as a whole is kept with its problem, and the next change sends it again", () => {
  const queued = withRefusal(begun, toSend(begun), problem({ code: "attempt_open" }));
  equal(stateOf(queued), "refused");
  equal(queued.refused?.code, "attempt_open");
  equal(stateOf(withSubmission(queued, "t", true)), "pending");
});
