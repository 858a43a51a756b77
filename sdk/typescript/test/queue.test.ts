// The queue against a service that answers what the test tells it to; live.test.ts has it beside a real one.

import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Queue, memoryStore, stateOf, type LearnerRef, type Quiz } from "@waymark/sdk";
import { cut, faked, json, refusal } from "./fake.js";

const quiz = {
  lesson: "l", version: "v", language: "en",
  items: [{ id: "i", kind: "numeric", options: [] }],
  order: { algorithm: "sha256-v1", draw: 1, shuffle_items: true, shuffle_options: true },
} as unknown as Quiz; // prettier-ignore
const taken = () => json({ state: "submitted", results: [{ item: "i", seq: 1, status: "saved" }] }, 201);
const named = (id: string): LearnerRef => ({ identity: { system: "s", id } });

async function made(queue: Queue, learner?: LearnerRef): Promise<string> {
  const { id } = await queue.begin({ quiz, ...(learner && { learner }) });
  await queue.answer(id, "i", { kind: "numeric", value: 1 });
  await queue.submit(id);
  return id;
}

test("two that send at once in one program do not send the same twice", async () => {
  const { waymark, asked } = faked([taken]);
  const store = memoryStore();
  const queues = [new Queue({ waymark, store }), new Queue({ waymark, store })];
  await made(queues[0] as Queue);
  const sent = await Promise.all(queues.map((queue) => queue.send()));
  deepStrictEqual(sent.map(({ busy }) => busy), [false, true]);
  equal(asked.length, 1);
});

test("where one learner's day is full the others go on, and theirs wait in order", async () => {
  const full = () => refusal({ status: 429, code: "daily_limit", retry: "after_delay" }, { "retry-after": "3600" });
  const { waymark, asked } = faked([full, taken]);
  const queue = new Queue({ waymark, store: memoryStore() });
  const ids = [await made(queue, named("a")), await made(queue, named("a")), await made(queue, named("b"))];
  const sent = await queue.send();
  deepStrictEqual([sent.answered, sent.pending, sent.error?.retryAfterMs], [1, 2, 3_600_000]);
  deepStrictEqual(asked.map(({ path }) => path.split("/").at(-1)), [ids[0], ids[2]]);
});

test("a refused attempt keeps its problem and lets the others by; a dead network stops the round", async () => {
  const store = memoryStore();
  const no = faked([() => refusal({ status: 403, code: "forbidden", retry: "never" }), taken, cut]);
  const queue = new Queue({ waymark: no.waymark, store });
  const [refused, good] = [await made(queue), await made(queue)];
  deepStrictEqual(await queue.send(), { answered: 2, pending: 0, busy: false });
  const kept = await queue.attempt(refused);
  ok(kept);
  deepStrictEqual([stateOf(kept), kept.refused?.code], ["refused", "forbidden"]);
  equal(kept.answers["i"]?.response.kind, "numeric", "and what the learner did");

  await queue.retry(refused);
  await made(queue);
  const dead = await queue.send();
  deepStrictEqual([dead.answered, dead.pending, dead.error?.name], [0, 2, "NoAnswerError"]);
  equal(no.asked.length, 2 + 5, "the second one was not tried");

  await queue.forget(good);
  equal(await queue.attempt(good), undefined);
  equal(await queue.quiz(good), undefined);
  ok(await queue.quiz(refused));
});

test("`sent_at` is the time of the try, everything else stays", async () => {
  const { waymark, asked } = faked([cut, taken]);
  const queue = new Queue({ waymark, store: memoryStore(), name: "anna" });
  await made(queue);
  await queue.send();
  const bodies = asked.map(({ body }) => JSON.parse(body) as { sent_at?: string });
  ok(bodies.every(({ sent_at }) => sent_at));
  for (const body of bodies) delete body.sent_at;
  deepStrictEqual(bodies[0], bodies[1]);
  deepStrictEqual(await new Queue({ waymark, store: memoryStore(), name: "ben" }).attempts(), []);
});

test("it sends by itself after every change, and over failures", async () => {
  const { waymark, asked } = faked([cut, cut, cut, cut, cut, taken]);
  const queue = new Queue({ waymark, store: memoryStore() });
  const rounds: number[] = [];
  const done = new Promise<void>((resolve) => {
    const stop = queue.start({
      longestMs: 5,
      told: ({ answered }) => {
        rounds.push(answered);
        if (answered > 0) resolve(stop());
      },
    });
  });
  const id = await made(queue);
  await done;
  equal(stateOf((await queue.attempt(id)) as NonNullable<Awaited<ReturnType<Queue["attempt"]>>>), "submitted");
  ok(asked.length >= 6 && rounds.includes(0));
});
