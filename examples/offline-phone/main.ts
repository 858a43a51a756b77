// A day of a phone: downloads a quiz, takes it with no network, syncs over a bad one, shows the feedback.

import { deepStrictEqual } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { draw, type Drawn } from "./order.js";
import { Network } from "./network.js";
import { Phone, type Attempt } from "./phone.js";

const LESSON = "safety-classifiers-and-refusals";

async function day(url: string, token: string, folder: string): Promise<void> {
  const network = new Network();
  const open = () => new Phone(url, token, network.fetch, join(folder, "phone.json"));
  const phone = open();

  tell("order", `${vectors()} published vectors of sha256-v1 agree`);
  tell("download", `lesson and quiz: ${(await phone.download(LESSON)).join(", ")}`);
  tell("again", `lesson and quiz: ${(await phone.download(LESSON)).join(", ")} (nothing to fetch)`);
  tell("quiz", `${phone.quiz.title} (${phone.quiz.items.length} items)`);

  network.online = false;
  const order = phone.start();
  takeQuiz(phone, order);
  tell("offline", `${order.length} answers kept, the first one changed twice, submitted at home`);
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

  const [first] = order;
  if (first) {
    const tablet = new Phone(url, token, network.fetch, join(folder, "tablet.json"));
    const stale = await tablet.bringOne(once.attempt.id, first.item, 1, first.options[0] ?? "");
    tell("tablet", `its older answer (seq ${stale.seq}) is ${stale.status}: seq ${stale.seq_in_force} is in force`);
  }
  showFeedback(reopened, once.attempt);
}

/** Answers everything with the option that the author wrote first, after some doubt about the first question. */
function takeQuiz(phone: Phone, order: Drawn[]): void {
  const authored = new Map(phone.quiz.items.map((item) => [item.id, item.options.map((option) => option.id)]));
  for (const { item } of order) phone.answer(item, authored.get(item)?.[0] ?? "", 20_000);
  for (const { item, options } of order.slice(0, 1)) {
    phone.answer(item, options.at(-1) ?? "", 25_000);
    phone.answer(item, authored.get(item)?.[0] ?? "", 31_000);
  }
  phone.finish();
}

function showFeedback(phone: Phone, attempt: Attempt): void {
  const { result, items } = attempt;
  if (!result || !items) return tell("feedback", `not yet: ${attempt.withheld}`);
  tell("result", `${result.raw} of ${result.max} points, ${result.success ? "passed" : "not passed"}`);
  const stems = new Map(phone.quiz.items.map((item) => [item.id, item.stem.text]));
  const authored = items.toSorted((a, b) => a.item.localeCompare(b.item));
  const right = authored.find((item) => item.verdict === "correct");
  const wrong = authored.find((item) => item.verdict === "incorrect");
  for (const item of [right, wrong]) {
    if (!item) continue;
    const why = item.rationales?.find((rationale) => rationale.option === item.response?.option);
    console.log(`\n${item.item}, ${item.verdict}: ${stems.get(item.item)}`);
    console.log(`  you chose "${item.response?.option}": ${why?.text.text}`);
  }
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
