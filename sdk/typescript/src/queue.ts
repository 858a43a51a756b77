// Attempts that are made without a network, and brought when there is one. Every change is durable before it is confirmed, so
// nothing is lost when the program is killed; every request is repeatable, so nothing comes twice when an answer is lost.

import type { Waymark } from "./client.js";
import { draw } from "./draw.js";
import { clientTime, uuid } from "./ids.js";
import { alone } from "./locks.js";
import { ProblemError, WaymarkError } from "./problems.js";
import { stateOf, retried, toSend, withAnswer, withAttempt, withRefusal, withSubmission } from "./queue-state.js";
import type { QueuedAttempt, QueuedState } from "./queue-state.js";
import { backoff } from "./retries.js";
import type { Store } from "./stores/store.js";
import type { Answer, Context, LearnerRef, Purpose, Quiz } from "./wire.js";

export type QueueOptions = {
  waymark: Waymark;
  store: Store;
  /**
   * Whose queue it is, where several learners use one device, each with a token of their own: an attempt goes to the learner
   * whose token sends it.
   */
  name?: string;
};

export type Begin = {
  quiz: Quiz;
  /** With a client's token: for whom. Absent with a learner's own. */
  learner?: LearnerRef;
  purpose?: Purpose;
  context?: Context;
  /** A UUID of version 4 or 7; made unless given. */
  id?: string;
  at?: Date;
};

export type Sent = {
  /** Attempts that the service took, or refused for good. */
  answered: number;
  /** Attempts that are still to be sent. */
  pending: number;
  /** Somebody else (another tab) is sending; nothing was done. */
  busy: boolean;
  /** Why it ended before everything was sent. It may be tried again, not before `retryAfterMs` where the service said so. */
  error?: WaymarkError;
};

export class Queue {
  readonly #waymark: Waymark;
  readonly #store: Store;
  readonly #place: string;
  readonly #listeners = new Set<() => void>();

  constructor({ waymark, store, name = "default" }: QueueOptions) {
    this.#waymark = waymark;
    this.#store = store;
    this.#place = `queue/${encodeURIComponent(name)}/`;
  }

  /** Begins an attempt: draws its items and keeps it together with its quiz, which a later bundle may no longer have. */
  async begin({ quiz, learner, purpose = "assigned", context = {}, id = uuid(), at }: Begin): Promise<QueuedAttempt> {
    await this.#store.update<Quiz>(this.#quizKey(id), (old) => old ?? quiz);
    const number = (await this.#store.update<number>(`${this.#place}number`, (last) => (last ?? 0) + 1)) ?? 0;
    const queued: QueuedAttempt = {
      id: id.toLowerCase(),
      number,
      lesson: quiz.lesson,
      version: quiz.version,
      language: quiz.language,
      purpose,
      context,
      ...(learner && { learner }),
      order: draw(quiz, id),
      startedAt: clientTime(at),
      submit: false,
      answers: {},
      changes: 1,
      answered: 0,
    };
    // The same id again is the same attempt.
    const kept = await this.#store.update<QueuedAttempt>(this.#key(id), (old) => old ?? queued);
    this.#tell();
    return kept ?? queued;
  }

  /** Keeps an answer, or a change of one. `activeMs`: how long the learner worked on the item so far. */
  async answer(id: string, item: string, response: Answer, { activeMs, at }: { activeMs?: number; at?: Date } = {}): Promise<QueuedAttempt> {
    const answer = { item, response, answeredAt: clientTime(at), ...(activeMs !== undefined && { activeMs }) };
    return this.#change(id, (queued) => withAnswer(queued, answer));
  }

  /** Submits; with `despiteRefusals` also where the service refuses some of the answers, which are graded as missing then. */
  async submit(id: string, { at, despiteRefusals = false }: { at?: Date; despiteRefusals?: boolean } = {}): Promise<QueuedAttempt> {
    const submittedAt = clientTime(at);
    return this.#change(id, (queued) => withSubmission(queued, submittedAt, despiteRefusals ? "despite_refusals" : true));
  }

  /** Sends a refused attempt again as it is. */
  async retry(id: string): Promise<QueuedAttempt> {
    return this.#change(id, retried);
  }

  /** Forgets an attempt. What was not sent is lost with it, so only where the app says so. */
  async forget(id: string): Promise<void> {
    await this.#store.update(this.#key(id), () => undefined);
    await this.#store.update(this.#quizKey(id), () => undefined);
    this.#tell();
  }

  /** Every attempt that is kept, in the order in which they were begun. */
  async attempts(): Promise<QueuedAttempt[]> {
    const all = await Promise.all((await this.#store.keys(`${this.#place}attempt/`)).map((key) => this.#store.get<QueuedAttempt>(key)));
    return all.filter((queued) => queued !== undefined).sort((a, b) => a.number - b.number);
  }

  async attempt(id: string): Promise<QueuedAttempt | undefined> {
    return this.#store.get<QueuedAttempt>(this.#key(id));
  }

  /** The quiz that an attempt was begun on, in the very version. */
  async quiz(id: string): Promise<Quiz | undefined> {
    return this.#store.get<Quiz>(this.#quizKey(id));
  }

  state(queued: QueuedAttempt): QueuedState {
    return stateOf(queued);
  }

  /** Tells of every change made through this object; ends with what it returns. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Sends what is to be sent, one attempt after the other in the order in which they were begun. It fails only where the store
   * does: what the network and the service say is in the answer, and in the attempts.
   */
  async send({ signal }: { signal?: AbortSignal } = {}): Promise<Sent> {
    const sent = await alone(`waymark ${this.#store.name} ${this.#place}`, () => this.#send(signal));
    return sent ?? { answered: 0, pending: (await this.#pending()).length, busy: true };
  }

  async #send(signal: AbortSignal | undefined): Promise<Sent> {
    let answered = 0;
    let failed: WaymarkError | undefined;
    const waiting = new Set<string>();
    for (const { id, learner } of await this.#pending()) {
      const whose = JSON.stringify(learner ?? null);
      if (waiting.has(whose)) continue;
      const error = await this.#sendOne(id, signal);
      if (!error) {
        answered += 1;
        continue;
      }
      failed ??= error;
      // One learner's day is full: the others go on.
      if (!(error instanceof ProblemError && error.status === 429)) break;
      waiting.add(whose);
    }
    return { answered, pending: (await this.#pending()).length, busy: false, ...(failed && { error: failed }) };
  }

  /** Until nothing of it is to be sent: the learner may go on meanwhile. */
  async #sendOne(id: string, signal: AbortSignal | undefined): Promise<WaymarkError | undefined> {
    for (;;) {
      const queued = await this.attempt(id);
      if (!queued || stateOf(queued) !== "pending") return undefined;
      const sent = toSend(queued);
      // What a learner sees after a submission is kept whole; else they have it.
      const headers: Record<string, string> = queued.submit === false ? { prefer: "return=minimal" } : {};
      const body = () => ({ ...sent.body, sent_at: clientTime() });
      try {
        const attempt = await this.#waymark.put("/v1/attempts/{id}", { path: { id }, body, headers, ...(signal && { signal }) });
        await this.#settle(id, (now) => withAttempt(now, sent, attempt));
      } catch (error) {
        if (!(error instanceof WaymarkError)) throw error;
        if (error.temporary || !(error instanceof ProblemError)) return error;
        await this.#settle(id, (now) => withRefusal(now, sent, error.problem));
      }
    }
  }

  /**
   * Sends by itself from now on: after every change, when the browser is online again, and after a while where something
   * failed. `told` hears how each round went. Ends with what it returns.
   */
  start({ told, longestMs = 300_000 }: { told?: (sent: Sent) => void; longestMs?: number } = {}): () => void {
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running = false;
    let again = false;
    let failed = 0;
    const after = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => void round(), ms);
    };
    const round = async () => {
      if (running) {
        again = true;
        return;
      }
      running = true;
      again = false;
      let wait: number | undefined;
      try {
        const sent = await this.send({ signal: ended.signal });
        failed = sent.error || sent.busy ? failed + 1 : 0;
        if (sent.pending > 0 && failed > 0) wait = (sent.error?.retryAfterMs ?? 0) + backoff(failed, { firstMs: 1000, longestMs }, Math.random);
        told?.(sent);
      } catch {
        // The store failed, or we were ended: it is tried again as long as we are not.
        failed += 1;
        wait = backoff(failed, { firstMs: 1000, longestMs }, Math.random);
      }
      running = false;
      if (ended.signal.aborted) return;
      if (again) after(0);
      else if (wait !== undefined) after(wait);
    };
    const now = () => after(0);
    const silent = this.subscribe(now);
    const browser = globalThis as { addEventListener?: typeof addEventListener; removeEventListener?: typeof removeEventListener };
    browser.addEventListener?.("online", now);
    now();
    return () => {
      ended.abort(new DOMException("the queue was stopped", "AbortError"));
      clearTimeout(timer);
      silent();
      browser.removeEventListener?.("online", now);
    };
  }

  async #pending(): Promise<QueuedAttempt[]> {
    return (await this.attempts()).filter((queued) => stateOf(queued) === "pending");
  }

  async #change(id: string, change: (queued: QueuedAttempt) => QueuedAttempt): Promise<QueuedAttempt> {
    const changed = await this.#store.update<QueuedAttempt>(this.#key(id), (queued) => {
      if (!queued) throw new Error(`there is no attempt ${id} here`);
      return change(queued);
    });
    this.#tell();
    return changed as QueuedAttempt;
  }

  /** What came back is kept, unless the app forgot the attempt meanwhile. */
  async #settle(id: string, change: (queued: QueuedAttempt) => QueuedAttempt): Promise<void> {
    await this.#store.update<QueuedAttempt>(this.#key(id), (queued) => queued && change(queued));
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #key(id: string): string {
    return `${this.#place}attempt/${id.toLowerCase()}`;
  }

  #quizKey(id: string): string {
    return `${this.#place}quiz/${id.toLowerCase()}`;
  }
}
