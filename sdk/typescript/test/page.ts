// An app in a browser, for browser.test.ts: what a test calls stands in `app`.

import { Bundle, Queue, Waymark, indexedDbStore, stateOf, type Quiz, type Sent } from "@waymark/sdk";
import { storeRules } from "./store-rules.js";

const COURSE = "reading-refusals";
const LESSON = "safety-classifiers-and-refusals";

let queue: Queue;
let bundle: Bundle;
const rounds: { answered: number; pending: number; error: string | undefined }[] = [];

const app = {
  storeRules: () => storeRules(() => indexedDbStore("rules")),

  open(url: string, token: string): void {
    const waymark = new Waymark({ url, token, retries: { tries: 3, firstMs: 5, longestMs: 50 }, timeoutMs: 3000 });
    const store = indexedDbStore("app");
    queue = new Queue({ waymark, store });
    bundle = new Bundle({ waymark, store, course: COURSE, languages: ["en"] });
  },

  sync: () => bundle.sync(),

  /** Reads lesson and quiz from the bundle; makes so many attempts, answers some single choices and submits. */
  async learn(attempts: number): Promise<{ title: string; ids: string[] }> {
    const lesson = await bundle.lesson(LESSON);
    const quiz: Quiz = await bundle.quiz(LESSON);
    const ids: string[] = [];
    for (let n = 0; n < attempts; n += 1) {
      const { id, order } = await queue.begin({ quiz });
      for (const { item, options } of order) {
        if (quiz.items.find((one) => one.id === item)?.kind !== "single_choice") continue;
        await queue.answer(id, item, { kind: "single_choice", option: options[n % options.length] ?? "" });
      }
      await queue.submit(id);
      ids.push(id);
    }
    return { title: lesson.title, ids };
  },

  /** Begins an attempt and answers as fast as it can, for ever: the test closes the page meanwhile. */
  async answerForEver(confirmed: string): Promise<void> {
    const quiz = await bundle.quiz(LESSON);
    const { id, order } = await queue.begin({ quiz, purpose: "practice", context: { placement: "killed" } });
    const choice = order.find(({ item }) => quiz.items.find((one) => one.id === item)?.kind === "single_choice");
    for (let n = 1; choice; n += 1) {
      await queue.answer(id, choice.item, { kind: "single_choice", option: choice.options[n % choice.options.length] ?? "" });
      localStorage.setItem(confirmed, JSON.stringify({ id, item: choice.item, seq: n }));
    }
  },

  start(): void {
    queue.start({ longestMs: 200, told: ({ answered, pending, error }) => rounds.push({ answered, pending, error: error?.message }) });
  },

  rounds: () => rounds,

  /** Sends until nothing is left, beside whoever else does. */
  async sendAll(): Promise<{ answered: number; busy: number }> {
    let [answered, busy] = [0, 0];
    for (;;) {
      const sent: Sent = await queue.send();
      answered += sent.answered;
      if (sent.busy) busy += 1;
      if (sent.pending === 0) return { answered, busy };
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },

  async allSubmitted(): Promise<void> {
    let changed: (value?: unknown) => void = () => undefined;
    const end = queue.subscribe(() => changed());
    for (;;) {
      const change = new Promise((resolve) => (changed = resolve));
      if ((await queue.attempts()).every((queued) => stateOf(queued) === "submitted")) return void end();
      await change;
    }
  },

  states: async () => (await queue.attempts()).map((queued) => ({ id: queued.id, state: stateOf(queued), score: queued.attempt?.result?.raw })),
};

export type App = typeof app;
Object.assign(globalThis, { app });
