// The app: keeps everything in one JSON file, so that it survives being closed, and speaks to the service when it can.

import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "../../tools/clients/typescript/waymark.js";
import type { Answer } from "../answers.js";
import { draw, type Drawn } from "./order.js";

export type Attempt = components["schemas"]["Attempt"];
export type Lesson = components["schemas"]["Lesson"];
export type Quiz = components["schemas"]["Quiz"];
export type Rationale = components["schemas"]["Rationale"];
type Item = components["schemas"]["QuizItem"];
type Kept = components["schemas"]["ResponsePut"];
type Downloaded<T> = { etag: string; content: T };

type Stored = {
  lesson?: Downloaded<Lesson>;
  quiz?: Downloaded<Quiz>;
  attempt?: { id: string; startedAt: string; submittedAt?: string; order: Drawn[]; answers: Record<string, Kept> };
};

/** A refusal of the service, as problem+json tells it. */
export class Refused extends Error {
  constructor(problem: components["schemas"]["Problem"]) {
    super(`${problem.code}: ${problem.detail}`);
  }
}

export class Phone {
  readonly #api: Client<paths>;
  readonly #file: string;
  #stored: Stored;

  constructor(url: string, token: string, network: (request: Request) => Promise<Response>, file: string) {
    this.#api = createClient<paths>({ baseUrl: url, fetch: network, headers: { authorization: `Bearer ${token}` } });
    this.#file = file;
    this.#stored = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Stored) : {};
  }

  /** Fetches lesson and quiz unless this phone has the newest already; tells the two statuses. */
  async download(slug: string): Promise<[number, number]> {
    const at = (had?: Downloaded<unknown>) => ({
      params: { path: { slug } },
      headers: had ? { "if-none-match": had.etag } : {},
    });
    const lesson = await this.#api.GET("/v1/lessons/{slug}", at(this.#stored.lesson));
    const quiz = await this.#api.GET("/v1/lessons/{slug}/quiz", at(this.#stored.quiz));
    for (const { error, response } of [lesson, quiz]) if (error && response.status !== 304) throw new Refused(error);
    if (lesson.data) this.#stored.lesson = { etag: etag(lesson.response), content: lesson.data };
    if (quiz.data) this.#stored.quiz = { etag: etag(quiz.response), content: quiz.data };
    this.#keep();
    return [lesson.response.status, quiz.response.status];
  }

  get lesson(): Lesson {
    return needed(this.#stored.lesson, "lesson").content;
  }

  get quiz(): Quiz {
    return needed(this.#stored.quiz, "quiz").content;
  }

  item(id: string): Item {
    return needed(this.quiz.items.find((item) => item.id === id), `item ${id}`);
  }

  /** Starts an attempt under an id of the phone's own choice; what it shows of the bank follows from that. */
  start(): Drawn[] {
    const id = randomUUID();
    const rule = this.quiz.order;
    const order = draw(this.quiz.version, id, this.quiz.items, rule);
    this.#stored.attempt = { id, startedAt: now(), order, answers: {} };
    this.#keep();
    return order;
  }

  /** Keeps an answer, of whichever kind; `seq` counts the changes, so that the service knows which of two answers is the newer. */
  answer(item: string, response: Answer, activeMs: number): void {
    const { answers } = this.attempt;
    const seq = (answers[item]?.seq ?? 0) + 1;
    answers[item] = { item, seq, response, answered_at: now(), active_ms: activeMs };
    this.#keep();
  }

  finish(): void {
    this.attempt.submittedAt ??= now();
    this.#keep();
  }

  get attempt(): NonNullable<Stored["attempt"]> {
    return needed(this.#stored.attempt, "attempt");
  }

  /** Brings the whole attempt. The same call as often as you like: it always means the same. */
  async sync(): Promise<{ status: number; attempt: Attempt }> {
    const { id, startedAt, submittedAt, answers } = this.attempt;
    const { data, error, response } = await this.#api.PUT("/v1/attempts/{id}", {
      params: { path: { id } },
      body: {
        lesson: this.quiz.lesson,
        version: this.quiz.version,
        language: this.quiz.language,
        purpose: "assigned",
        context: { placement: "phone" },
        started: { at: startedAt },
        submitted_at: submittedAt ?? null,
        sent_at: now(),
        responses: Object.values(answers),
        submit: submittedAt !== undefined,
      },
    });
    if (error) throw new Refused(error);
    return { status: response.status, attempt: data };
  }

  /** Brings one answer, as another device of the same learner would. */
  async bringOne(attempt: string, item: string, seq: number, response: Answer): Promise<components["schemas"]["SaveResult"]> {
    const { data, error } = await this.#api.PUT("/v1/attempts/{id}/responses/{item_id}", {
      params: { path: { id: attempt, item_id: item } },
      body: { seq, response, sent_at: now() },
    });
    if (error) throw new Refused(error);
    return data;
  }

  /** How many attempts the service has of this learner. */
  async attemptsThere(): Promise<number> {
    const { data, error } = await this.#api.GET("/v1/attempts", { params: { query: { limit: 200 } } });
    if (error) throw new Refused(error);
    return data.items.length;
  }

  /** Writes beside and renames, so that a phone that dies meanwhile has the old file or the new one. */
  #keep(): void {
    writeFileSync(`${this.#file}.part`, JSON.stringify(this.#stored));
    renameSync(`${this.#file}.part`, this.#file);
  }
}

function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`this phone has no ${what} yet`);
  return value;
}

function etag(response: Response): string {
  return response.headers.get("etag") ?? "";
}

const now = (): string => new Date().toISOString();
