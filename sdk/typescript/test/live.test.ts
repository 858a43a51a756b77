// Against the running service, over a network that breaks.

import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Bundle, PartMissingError, ProblemError, Queue, TokenRefusedError, Waymark, memoryStore, stateOf, uuid } from "@waymark/sdk";
import type { Answer, Attempt, Quiz, Retries, Store } from "@waymark/sdk";
import { folderStore } from "@waymark/sdk/node";
import { BadNetwork, COURSE, LESSON, clientToken, dice, learnerToken, newClient, serviceUrl, someAnswer } from "./service.js";

const impatient: Retries = { tries: 4, firstMs: 5, longestMs: 40 };
const seed = Number(process.env["WAYMARK_TEST_SEED"] ?? Date.now() % 1_000_000);
console.log(`WAYMARK_TEST_SEED=${seed}`);

const direct = (token: string) => new Waymark({ url: serviceUrl(), token });

/** What the service has in force, by item. */
const inForce = (attempt: Attempt) => new Map((attempt.responses ?? []).map((one) => [one.item, one]));

async function sendAll(queue: Queue): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    const { pending, error } = await queue.send();
    if (pending === 0) return;
    ok(!error || error.temporary, String(error));
  }
  throw new Error("it never ends");
}

test("attempts made offline arrive once, over a network that cuts every fifth connection", async (t) => {
  const random = dice(seed);
  const network = await new BadNetwork(serviceUrl(), random).listen();
  t.after(() => network.close());
  const token = learnerToken(`offline-${seed}`);
  const quiz = await direct(token).get("/v1/lessons/{slug}/quiz", { path: { slug: LESSON } });
  const store = memoryStore();
  const queue = new Queue({ waymark: new Waymark({ url: network.url, token, retries: impatient, timeoutMs: 3000 }), store });

  network.goDown();
  const begun: string[] = [];
  for (let n = 0; n < 8; n += 1) {
    const { id, order } = await queue.begin({ quiz, context: { placement: "p" } });
    begun.push(id);
    for (const drawn of order) await queue.answer(id, drawn.item, someAnswer(quiz, drawn, Math.floor(random() * 9)), { activeMs: 900 });
    const [first] = order;
    if (first) await queue.answer(id, first.item, someAnswer(quiz, first, n), { activeMs: 1200 });
    await queue.submit(id);
  }
  const offline = await queue.send();
  deepStrictEqual([offline.answered, offline.pending, offline.error?.name], [0, 8, "NoAnswerError"]);

  network.down = false;
  network.cutting = 0.2;
  await sendAll(queue);
  ok(network.cuts > 0, "the network was bad");
  const there: Attempt[] = [];
  for await (const attempt of direct(token).items("/v1/attempts", { query: { limit: 3 } })) there.push(attempt);
  const here = await queue.attempts();
  deepStrictEqual(there.map(({ id }) => id), begun, "each once, in the order in which they were begun");
  for (const queued of here) {
    equal(stateOf(queued), "submitted");
    ok(queued.attempt?.items?.length, "with the feedback, to be read offline");
    const attempt = await direct(token).get("/v1/attempts/{id}", { path: { id: queued.id } });
    deepStrictEqual(attempt.order, queued.order, "the service drew what was drawn here");
    const answers = inForce(attempt);
    equal(answers.size, queued.order.length);
    for (const { item, seq, response } of Object.values(queued.answers)) {
      deepStrictEqual([answers.get(item)?.seq, answers.get(item)?.response], [seq, response]);
    }
  }
});

test("a program that is killed again and again loses nothing that it confirmed", async (t) => {
  const random = dice(seed + 1);
  const network = await new BadNetwork(serviceUrl(), random).listen();
  const folder = mkdtempSync(join(tmpdir(), "waymark-phone-"));
  t.after(() => (network.close(), rmSync(folder, { recursive: true })));
  const token = learnerToken(`killed-${seed}`);
  const quiz = await direct(token).get("/v1/lessons/{slug}/quiz", { path: { slug: LESSON } });
  network.cutting = 0.05;

  const begun = new Set<string>();
  const submitted = new Set<string>();
  const answered = new Map<string, { seq: number; response: Answer }>();
  for (let life = 0; life < 8; life += 1) {
    const env = { ...process.env, PHONE_URL: network.url, PHONE_TOKEN: token, PHONE_SEED: String(seed + life), PHONE_QUIZ: JSON.stringify(quiz) };
    const phone = spawn(process.execPath, ["build/phone.js", folder], { env, stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    phone.stdout.on("data", (data: Buffer) => (said += data.toString()));
    // Dies some time after its first word, wherever it is then.
    await new Promise((resolve) => phone.stdout.once("data", resolve));
    await pause(30 + random() * 400);
    const dead = new Promise((resolve) => phone.once("close", resolve));
    phone.kill("SIGKILL");
    await dead;
    for (const line of said.split("\n").slice(0, -1)) {
      const [word, id = "", item, seq, ...response] = line.split(" ");
      if (word === "begun") begun.add(id);
      if (word === "submitted") submitted.add(id);
      if (word === "answered") answered.set(`${id} ${item}`, { seq: Number(seq), response: JSON.parse(response.join(" ")) as Answer });
    }
  }
  network.cutting = 0;
  const queue = new Queue({ waymark: direct(token), store: folderStore(folder) });
  await sendAll(queue);
  const there = new Map<string, Attempt>();
  for await (const { id } of direct(token).items("/v1/attempts")) {
    ok(!there.has(id));
    there.set(id, await direct(token).get("/v1/attempts/{id}", { path: { id } }));
  }
  ok(begun.size > 0 && answered.size > 5, `${begun.size} attempts, ${answered.size} answers`);
  for (const id of begun) ok(there.has(id), "what was begun is there");
  for (const id of submitted) equal(there.get(id)?.state, "submitted");
  for (const [place, { seq, response }] of answered) {
    const [id = "", item = ""] = place.split(" ");
    const kept = inForce(there.get(id) as Attempt).get(item);
    ok(kept && kept.seq >= seq, `${place}: ${kept?.seq} and not ${seq}`);
    if (kept.seq === seq) deepStrictEqual(kept.response, response);
  }
});

test("a refused answer is kept with its problem, and is mended", async () => {
  const token = learnerToken(`refused-${seed}`);
  const quiz = await direct(token).get("/v1/lessons/{slug}/quiz", { path: { slug: LESSON } });
  const queue = new Queue({ waymark: direct(token), store: memoryStore() });
  const { id, order } = await queue.begin({ quiz });
  for (const drawn of order) await queue.answer(id, drawn.item, someAnswer(quiz, drawn, 0));
  const choice = order.find(({ item }) => quiz.items.find((one) => one.id === item)?.kind === "single_choice");
  ok(choice);
  await queue.answer(id, choice.item, { kind: "single_choice", option: "no such option" });
  await queue.submit(id);
  await sendAll(queue);
  const refused = await queue.attempt(id);
  ok(refused);
  equal(stateOf(refused), "unsubmitted");
  const outcome = refused.answers[choice.item]?.outcome;
  deepStrictEqual([outcome?.status, outcome?.problem?.code], ["refused", "invalid_body"]);
  deepStrictEqual(await queue.send(), { answered: 0, pending: 0, busy: false }, "it is not sent again as it is");
  await queue.answer(id, choice.item, { kind: "single_choice", option: choice.options[0] ?? "" });
  await sendAll(queue);
  const mended = await queue.attempt(id);
  ok(mended);
  equal(stateOf(mended), "submitted");
  equal(mended.attempt?.result?.completion, true);
});

test("a second device is told that it is behind, and goes on from there; an attempt of no lesson is refused as a whole", async () => {
  const token = learnerToken(`devices-${seed}`);
  const quiz = await direct(token).get("/v1/lessons/{slug}/quiz", { path: { slug: LESSON } });
  const [phone, tablet] = [0, 1].map(() => new Queue({ waymark: direct(token), store: memoryStore() })) as [Queue, Queue];
  const { id, order } = await phone.begin({ quiz });
  const [drawn] = order;
  ok(drawn);
  for (const n of [0, 1, 2]) await phone.answer(id, drawn.item, someAnswer(quiz, drawn, n));
  await sendAll(phone);
  await tablet.begin({ quiz, id });
  await tablet.answer(id, drawn.item, someAnswer(quiz, drawn, 5));
  await sendAll(tablet);
  const behind = (await tablet.attempt(id))?.answers[drawn.item]?.outcome;
  deepStrictEqual([behind?.status, behind?.seqInForce], ["superseded", 3]);
  const ahead = await tablet.answer(id, drawn.item, someAnswer(quiz, drawn, 6));
  equal(ahead.answers[drawn.item]?.seq, 4);
  await sendAll(tablet);
  equal((await tablet.attempt(id))?.answers[drawn.item]?.outcome?.status, "saved");

  const lost = await tablet.begin({ quiz: { ...quiz, lesson: "no-such-lesson" } as Quiz });
  const next = await tablet.begin({ quiz, purpose: "practice", context: { placement: "other" } });
  await sendAll(tablet);
  const refused = await tablet.attempt(lost.id);
  ok(refused?.refused, "kept, with its problem");
  equal(stateOf(refused), "refused");
  equal(stateOf((await tablet.attempt(next.id)) as NonNullable<typeof refused>), "open", "and the others go on");
});

test("a bundle survives being cut off, fetches only what changed, and refuses other bytes", async (t) => {
  const network = await new BadNetwork(serviceUrl(), dice(seed + 2)).listen();
  const folder = mkdtempSync(join(tmpdir(), "waymark-bundle-"));
  t.after(() => (network.close(), rmSync(folder, { recursive: true })));
  const token = learnerToken(`bundle-${seed}`);
  const waymark = new Waymark({ url: network.url, token, retries: impatient, timeoutMs: 3000 });
  const bundle = (languages: string[], store: Store = folderStore(folder)) => new Bundle({ waymark, store, course: COURSE, languages });

  await rejects(bundle(["en"]).lesson(LESSON), PartMissingError);
  const cutAt = new AbortController();
  await rejects(bundle(["en"]).sync({ signal: cutAt.signal, told: (fetched) => fetched === 9 && cutAt.abort(new Error("the battery")) }), /the battery/);
  equal(await bundle(["en"]).manifest(), undefined, "half a bundle is none");
  network.cutting = 0.1;
  let synced;
  for (let tries = 0; !synced && tries < 50; tries += 1) synced = await bundle(["en"]).sync().catch(() => undefined);
  network.cutting = 0;
  ok(synced && synced.had >= 9, `${synced?.had} were there`);
  deepStrictEqual(await bundle(["en"]).sync(), { changed: false, fetched: 0, bytes: 0, had: synced.fetched + synced.had, busy: false });

  network.goDown();
  const lesson = await bundle(["en"]).lesson(LESSON, "en-GB");
  const quiz = await bundle(["en"]).quiz(LESSON);
  deepStrictEqual([lesson.slug, lesson.language, quiz.version], [LESSON, "en", lesson.version]);
  ok((await bundle(["en"]).exercise(LESSON)).steps.length > 0 && (await bundle(["en"]).glossary()).terms.length > 0);
  await rejects(bundle(["en"]).sync(), /no answer/);
  equal((await bundle(["en"]).lesson(LESSON)).slug, LESSON, "and the old one stays");

  network.down = false;
  const store = folderStore(folder);
  const parts = await store.keys("part/");
  await store.update(parts[0] ?? "", () => undefined);
  equal((await bundle(["en"]).sync()).fetched, 1, "what the system cleared comes again");
  const more = await bundle(["en", "de"]).sync();
  ok(more.changed && more.fetched > 0 && more.had > 0, JSON.stringify(more));
  equal((await bundle(["en", "de"]).lesson(LESSON, "de-AT")).language, "de");
  ok((await bundle(["en"]).sync()).changed);
  deepStrictEqual(await store.keys("part/"), parts, "what no manifest names is dropped");

  const spoiled = new Waymark({
    url: serviceUrl(),
    token,
    fetch: async (url, init) => {
      const answer = await fetch(url, init);
      return url.includes("/bundle-parts/") ? new Response("{}", { headers: answer.headers }) : answer;
    },
  });
  await rejects(new Bundle({ waymark: spoiled, store: memoryStore(), course: COURSE, languages: ["en"] }).sync(), /other bytes/);
});

test("the feed goes on from a cursor and over breaks, with nothing twice", async (t) => {
  const network = await new BadNetwork(serviceUrl(), dice(seed + 3)).listen();
  t.after(() => network.close());
  const token = clientToken("lessons:read attempts:read attempts:write learners:act learners:write records:read");
  const client = direct(token);
  const lesson = { lesson: LESSON, purpose: "practice" as const };
  const put = (placement: string) =>
    client.put("/v1/attempts/{id}", { path: { id: uuid() }, body: { ...lesson, context: { placement }, learner: { identity: { system: "https://feed.example", id: `${seed}` } } } });
  const { learner } = await put("0");
  for (let n = 1; n < 12; n += 1) await put(`${n}`);

  const ended = new AbortController();
  const waymark = new Waymark({ url: network.url, token, retries: impatient, timeoutMs: 3000, sleep: async () => pause(2) });
  network.cutting = 0.3;
  const ids: string[] = [];
  let pages = 0;
  const all: string[] = [];
  for await (const { records, cursor } of client.feed({ learner, limit: 200 })) {
    all.push(...records.map(({ id }) => id));
    ok(cursor);
  }
  for await (const { records } of waymark.feed({ learner, limit: 2, everyMs: 10, signal: ended.signal })) {
    ids.push(...records.map(({ id }) => id));
    pages += 1;
    if (ids.length >= all.length) break;
  }
  deepStrictEqual(ids, all);
  ok(pages >= 6 && network.cuts > 0);
});

test("client credentials work, and wrong ones say so", async () => {
  const credentials = newClient("lessons:read");
  const waymark = new Waymark({ url: serviceUrl(), credentials });
  ok((await waymark.get("/v1/lessons")).items.length > 0);
  await rejects(waymark.get("/v1/records"), (error) => error instanceof ProblemError && error.code === "insufficient_scope");
  await rejects(new Waymark({ url: serviceUrl(), credentials: { ...credentials, clientSecret: "x" } }).get("/v1/lessons"), TokenRefusedError);
});
