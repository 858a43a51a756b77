// A day of a phone: downloads a course, takes a quiz with no network, syncs over a bad one, shows the feedback.

import { deepStrictEqual } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bundle, Queue, Waymark, stateOf, type Answer, type Attempt, type Drawn, type Quiz, type Rationale, type Sent } from "@waymark/sdk";
import { folderStore } from "@waymark/sdk/node";
import { inWords, partsOf, someAnswer } from "../answers.js";
import { Network } from "./network.js";

const LESSON = "safety-classifiers-and-refusals";

async function day(url: string, token: string, folder: string): Promise<void> {
  const network = new Network();
  // An app that is closed and opened again: all it knows comes from its folder.
  const open = (name: string) => {
    const waymark = new Waymark({ url, token, fetch: network.fetch, retries: { tries: 3, firstMs: 50 } });
    const store = folderStore(join(folder, name));
    const bundle = new Bundle({ waymark, store, course: "reading-refusals", languages: ["en"] });
    return { waymark, bundle, queue: new Queue({ waymark, store }) };
  };
  const phone = open("phone");

  tell("download", `${(await phone.bundle.sync()).fetched} parts of the course`);
  tell("again", `${(await phone.bundle.sync()).fetched} parts (nothing to fetch)`);
  network.online = false;
  const quiz = await phone.bundle.quiz(LESSON);
  tell("quiz", `${quiz.title} (${quiz.order.draw} of ${quiz.items.length} items)`);

  const { id, order } = await phone.queue.begin({ quiz, context: { placement: "phone" } });
  const doubtful = order.find(({ options }) => options.length > 1);
  await takeQuiz(phone.queue, quiz, id, order, doubtful);
  const taken = Object.values((await phone.queue.attempt(id))?.answers ?? {});
  const kinds = new Set(taken.map(({ response }) => response.kind));
  tell("offline", `${taken.length} answers of ${kinds.size} kinds kept, one changed twice, submitted at home`);
  tell("sync 1", told(await open("phone").queue.send()));

  const reopened = open("phone");
  network.online = true;
  network.loseNextAnswer();
  tell("sync 2", `${told(await reopened.queue.send())}, though an answer was lost (the service had answered ${network.lost.join()})`);
  tell("sync 3", told(await reopened.queue.send()));

  const queued = await reopened.queue.attempt(id);
  if (!queued?.attempt || stateOf(queued) !== "submitted") throw new Error("not submitted");
  const { waymark } = reopened;
  let there = 0;
  for await (const attempt of waymark.items("/v1/attempts")) there += Number(attempt.id === id);
  tell("there", `attempts of this id on the service: ${there}`);
  deepStrictEqual(queued.attempt.order, order);
  tell("order", "the service drew what the phone had drawn");

  if (doubtful) {
    const tablet = open("tablet").queue;
    await tablet.begin({ quiz, id });
    await tablet.answer(id, doubtful.item, someAnswer(itemOf(quiz, doubtful.item), doubtful));
    await tablet.send();
    const behind = (await tablet.attempt(id))?.answers[doubtful.item]?.outcome;
    tell("tablet", `its older answer (seq ${behind?.seq}) is ${behind?.status}: seq ${behind?.seqInForce} is in force`);
  }
  network.online = false; // the feedback was kept with the attempt
  showFeedback(quiz, queued.attempt);
}

/** Answers what the attempt draws, with some doubt about one question. */
async function takeQuiz(queue: Queue, quiz: Quiz, id: string, order: Drawn[], doubtful: Drawn | undefined): Promise<void> {
  const answer = (drawn: Drawn, activeMs: number) => queue.answer(id, drawn.item, someAnswer(itemOf(quiz, drawn.item), drawn), { activeMs });
  for (const drawn of order) await answer(drawn, 20_000);
  if (doubtful) {
    await answer({ ...doubtful, options: doubtful.options.toReversed() }, 25_000);
    await answer(doubtful, 31_000);
  }
  await queue.submit(id);
}

/** The first right, the first half right and the first wrong answer, and why. */
function showFeedback(quiz: Quiz, { result, items, withheld }: Attempt): void {
  if (!result || !items) return tell("feedback", `not yet: ${withheld}`);
  tell("result", `${result.raw} of ${result.max} points, ${result.success ? "passed" : "not passed"}`);
  for (const verdict of ["correct", "partially_correct", "incorrect"]) {
    const graded = items.find((item) => item.verdict === verdict);
    if (!graded?.response) continue;
    const item = itemOf(quiz, graded.item);
    console.log(`\n${item.id}, ${verdict}: ${item.stem.text}`);
    console.log(`  you answered: ${inWords(item, graded.response).join("\n    ")}`);
    if (graded.right && verdict !== "correct") console.log(`  right: ${inWords(item, graded.right).join("\n    ")}`);
    for (const { text } of reasons(graded.response, graded.rationales ?? [])) console.log(`  - ${text.text}`);
  }
}

/** What is said about this very answer or its parts; where nothing is, what is said about the item as a whole. */
function reasons(answer: Answer, rationales: Rationale[]): Rationale[] {
  const parts = partsOf(answer);
  const own = rationales.filter(({ option, answer }) => parts.includes(option ?? answer ?? ""));
  return own.length > 0 ? own : rationales.filter(({ option, answer }) => !option && !answer);
}

function itemOf(quiz: Quiz, id: string): Quiz["items"][number] {
  const item = quiz.items.find((one) => one.id === id);
  if (!item) throw new Error(`the quiz has no item ${id}`);
  return item;
}

const told = ({ answered, pending, error }: Sent): string => (error ? `${pending} to send, ${error.message}` : `${answered} sent, ${pending} left`);

function tell(what: string, text: string): void {
  console.log(`${what.padEnd(9)} ${text}`);
}

const { WAYMARK_URL: url, WAYMARK_TOKEN: token } = process.env;
if (!url || !token) throw new Error("set WAYMARK_URL and WAYMARK_TOKEN; the README says how");
const folder = mkdtempSync(join(tmpdir(), "waymark-phone-"));
try {
  await day(url, token, folder);
} finally {
  rmSync(folder, { recursive: true });
}
