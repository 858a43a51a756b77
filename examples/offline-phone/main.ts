// A day of a phone: downloads a quiz, takes it with no network, syncs over a bad one, shows the feedback.

import { deepStrictEqual } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inWords, partsOf, someAnswer, type Answer } from "../answers.js";
import { draw, type Drawn } from "./order.js";
import { Network } from "./network.js";
import { Phone, type Attempt, type Rationale } from "./phone.js";

const LESSON = "safety-classifiers-and-refusals";

async function day(url: string, token: string, folder: string): Promise<void> {
  const network = new Network();
  const open = () => new Phone(url, token, network.fetch, join(folder, "phone.json"));
  const phone = open();

  tell("order", `${vectors()} published vectors of sha256-v1 agree`);
  tell("download", `lesson and quiz: ${(await phone.download(LESSON)).join(", ")}`);
  tell("again", `lesson and quiz: ${(await phone.download(LESSON)).join(", ")} (nothing to fetch)`);
  tell("quiz", `${phone.quiz.title} (${phone.quiz.order.draw} of ${phone.quiz.items.length} items)`);

  network.online = false;
  const order = phone.start();
  const doubtful = order.find(({ options }) => options.length > 1);
  takeQuiz(phone, order, doubtful);
  const kinds = new Set(Object.values(phone.attempt.answers).map(({ response }) => response.kind));
  tell("offline", `${order.length} answers of ${kinds.size} kinds kept, one changed twice, submitted at home`);
  tell("sync 1", await open().sync().then(arrived, failed));

  // The app was closed and opened again: all it knows now comes from its file.
  const reopened = open();
  network.online = true;
  network.loseNextAnswer();
  tell("sync 2", `${await reopened.sync().then(arrived, failed)} (the service had answered ${network.lost.join()})`);
  const synced = await reopened.sync();
  tell("sync 3", arrived(synced));
  const once = await reopened.sync();
  tell("sync 4", arrived(once));
  deepStrictEqual(once.attempt.result, synced.attempt.result);
  tell("there", `attempts on the service: ${await reopened.attemptsThere()}, the same result every time`);
  deepStrictEqual(once.attempt.order, order);
  tell("order", "the service drew what the phone had drawn");

  if (doubtful) {
    const tablet = new Phone(url, token, network.fetch, join(folder, "tablet.json"));
    const stale = await tablet.bringOne(once.attempt.id, doubtful.item, 1, someAnswer(phone.item(doubtful.item), doubtful));
    tell("tablet", `its older answer (seq ${stale.seq}) is ${stale.status}: seq ${stale.seq_in_force} is in force`);
  }
  showFeedback(reopened, once.attempt);
}

/** Answers what the attempt draws, with some doubt about one question. */
function takeQuiz(phone: Phone, order: Drawn[], doubtful: Drawn | undefined): void {
  const answer = (drawn: Drawn, activeMs: number) => phone.answer(drawn.item, someAnswer(phone.item(drawn.item), drawn), activeMs);
  for (const drawn of order) answer(drawn, 20_000);
  if (doubtful) {
    answer({ ...doubtful, options: doubtful.options.toReversed() }, 25_000);
    answer(doubtful, 31_000);
  }
  phone.finish();
}

/** The first right, the first half right and the first wrong answer, and why. */
function showFeedback(phone: Phone, attempt: Attempt): void {
  const { result, items } = attempt;
  if (!result || !items) return tell("feedback", `not yet: ${attempt.withheld}`);
  tell("result", `${result.raw} of ${result.max} points, ${result.success ? "passed" : "not passed"}`);
  for (const verdict of ["correct", "partially_correct", "incorrect"]) {
    const graded = items.find((item) => item.verdict === verdict);
    if (!graded?.response) continue;
    const item = phone.item(graded.item);
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

const arrived = ({ status, attempt }: { status: number; attempt: Attempt }): string =>
  `${status}, ${attempt.state}, ${attempt.result?.raw} of ${attempt.result?.max} points`;

/** What fetch throws where no answer came; anything else is not the network's fault. */
function failed(error: unknown): string {
  if (error instanceof TypeError) return `failed: ${error.message}`;
  throw error;
}

/** Checks our drawing against the published vectors; tells how many there are. */
function vectors(): number {
  type Vector = {
    algorithm: string;
    version: string;
    attempt: string;
    items: { id: string; options: string[] }[];
    draw: number | null;
    order: Drawn[];
  };
  const published = JSON.parse(readFileSync("openapi/order-vectors.json", "utf8")) as Vector[];
  for (const { algorithm, version, attempt, items, draw: most, order } of published) {
    const shaped = items.map(({ id, options }) => ({ id, options: options.map((option) => ({ id: option })) }));
    const rule = { algorithm, draw: most, shuffle_items: true, shuffle_options: true };
    deepStrictEqual(draw(version, attempt, shaped, rule), order);
  }
  return published.length;
}

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
