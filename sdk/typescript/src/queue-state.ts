// What the queue keeps of an attempt, and how it changes. Pure: no store, no clock, no network.

import type { Answer, Attempt, AttemptPut, Context, Drawn, LearnerRef, Problem, Purpose, ResponsePut, SaveResult } from "./wire.js";

/** What the service said about an answer. */
export type Outcome = {
  /** Of the answer that it speaks about: a later one has none yet. */
  seq: number;
  /** `saved`, `superseded`, `late` or `refused`; more may come. */
  status: string;
  seqInForce?: number;
  problem?: NonNullable<SaveResult["problem"]>;
  adjusted?: NonNullable<SaveResult["adjusted"]>;
};

export type QueuedAnswer = {
  item: string;
  /** Counts up with every change of this item's answer, over restarts too. */
  seq: number;
  response: Answer;
  answeredAt: string;
  activeMs?: number;
  outcome?: Outcome;
};

export type QueuedAttempt = {
  id: string;
  /** In this order attempts are sent. */
  number: number;
  lesson: string;
  version: string;
  language: string;
  purpose: Purpose;
  context: Context;
  learner?: LearnerRef;
  /** What this attempt shows. */
  order: Drawn[];
  startedAt: string;
  submittedAt?: string;
  submit: boolean | "despite_refusals";
  answers: Record<string, QueuedAnswer>;
  /** How often it changed here, and which of its states the service has answered: what is higher has to be sent. */
  changes: number;
  answered: number;
  /** Why the service refused the attempt as a whole. The next change sends it again. */
  refused?: Problem;
  /** What the service said last. */
  attempt?: Attempt;
};

/**
 * `pending`: something is to be sent. `open`: all is there, and the learner may go on. `refused`: as a whole, see `refused`.
 * `unsubmitted`: answers were refused (`outcome`), so that it is not submitted; mend them, or submit despite of that.
 * `submitted`: it is done, see `attempt`.
 */
export type QueuedState = "pending" | "open" | "refused" | "unsubmitted" | "submitted";

export function stateOf(queued: QueuedAttempt): QueuedState {
  if (queued.changes > queued.answered) return "pending";
  if (queued.refused) return "refused";
  if (queued.attempt?.state === "submitted") return "submitted";
  return queued.submit === false ? "open" : "unsubmitted";
}

/** With an answer, or a change of one. */
export function withAnswer(queued: QueuedAttempt, answer: Omit<QueuedAnswer, "seq" | "outcome">): QueuedAttempt {
  const old = queued.answers[answer.item];
  if (!queued.order.some(({ item }) => item === answer.item)) throw new Error(`this attempt does not draw the item ${answer.item}`);
  // What is submitted is graded. Only what the service would not take is still open.
  const mends = queued.refused !== undefined || old?.outcome?.status === "refused";
  if (queued.submit !== false && !mends) throw new Error(`the attempt ${queued.id} is submitted`);
  // Another device may be ahead.
  const seq = Math.max(old?.seq ?? 0, old?.outcome?.seqInForce ?? 0) + 1;
  const answers = { ...queued.answers, [answer.item]: { ...answer, seq } };
  return { ...queued, answers, changes: queued.changes + 1 };
}

export function withSubmission(queued: QueuedAttempt, submittedAt: string, submit: true | "despite_refusals"): QueuedAttempt {
  return { ...queued, submit, submittedAt: queued.submittedAt ?? submittedAt, changes: queued.changes + 1 };
}

/** To be sent again although nothing changed here: somebody mended the cause elsewhere. */
export const retried = (queued: QueuedAttempt): QueuedAttempt => ({ ...queued, changes: queued.changes + 1 });

/** What is sent: a submission brings the whole attempt, else only answers that the service has said nothing about yet. */
export function toSend(queued: QueuedAttempt): { body: Omit<AttemptPut, "sent_at">; answers: QueuedAnswer[]; changes: number } {
  const all = Object.values(queued.answers);
  const answers = queued.submit === false ? all.filter(({ outcome, seq }) => outcome?.seq !== seq) : all;
  const { lesson, version, language, purpose, context, learner, submit } = queued;
  const body = {
    lesson,
    version,
    language,
    purpose,
    context,
    ...(learner && { learner }),
    started: { at: queued.startedAt },
    ...(queued.submittedAt !== undefined && { submitted_at: queued.submittedAt }),
    responses: answers.map(wire),
    submit,
  };
  return { body, answers, changes: queued.changes };
}

function wire({ item, seq, response, answeredAt, activeMs }: QueuedAnswer): ResponsePut {
  return { item, seq, response, answered_at: answeredAt, ...(activeMs !== undefined && { active_ms: activeMs }) };
}

/** After the service took what was sent. What was answered here meanwhile has a higher `seq` and stays to be sent. */
export function withAttempt(queued: QueuedAttempt, sent: { answers: QueuedAnswer[]; changes: number }, attempt: Attempt): QueuedAttempt {
  const answers = { ...queued.answers };
  sent.answers.forEach(({ item, seq }, n) => {
    const now = answers[item];
    const result = attempt.results?.[n];
    if (now?.seq === seq && result) answers[item] = { ...now, outcome: outcome(seq, result) };
  });
  const { refused: _, ...rest } = queued;
  return { ...rest, answers, attempt, answered: Math.max(queued.answered, sent.changes) };
}

function outcome(seq: number, { status, seq_in_force, problem, adjusted }: SaveResult): Outcome {
  return {
    seq,
    status,
    ...(typeof seq_in_force === "number" && { seqInForce: seq_in_force }),
    ...(problem && { problem }),
    ...(adjusted && { adjusted }),
  };
}

/** After the service refused what was sent, as a whole. */
export function withRefusal(queued: QueuedAttempt, sent: { changes: number }, refused: Problem): QueuedAttempt {
  return { ...queued, refused, answered: Math.max(queued.answered, sent.changes) };
}
