// A program that makes attempts offline and is killed at any moment: phone.js FOLDER. It says what it was promised, line by line
// and only after the promise; a test holds the service against that.

import { writeSync } from "node:fs";
import { Queue, Waymark, stateOf, type Quiz } from "@waymark/sdk";
import { folderStore } from "@waymark/sdk/node";
import { dice, someAnswer } from "./service.js";

const { PHONE_URL: url = "", PHONE_TOKEN: token = "", PHONE_SEED: seed = "1", PHONE_QUIZ: quiz = "" } = process.env;
const random = dice(Number(seed));
const tell = (...words: unknown[]) => writeSync(1, `${words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" ")}\n`);

const waymark = new Waymark({ url, token, retries: { tries: 3, firstMs: 10, longestMs: 50 }, timeoutMs: 3000 });
const queue = new Queue({ waymark, store: folderStore(process.argv[2] ?? "") });
queue.start({ longestMs: 100 });

for (;;) {
  const open = (await queue.attempts()).find(({ submit }) => submit === false);
  const queued = open ?? (await queue.begin({ quiz: JSON.parse(quiz) as Quiz, purpose: "practice", context: { placement: "phone" } }));
  if (!open) tell("begun", queued.id);
  const own = (await queue.quiz(queued.id)) as Quiz;
  for (let n = 0; n < 3; n += 1) {
    const drawn = queued.order[Math.floor(random() * queued.order.length)];
    if (!drawn) throw new Error("an attempt without items");
    const response = someAnswer(own, drawn, Math.floor(random() * 100));
    const kept = await queue.answer(queued.id, drawn.item, response, { activeMs: 1000 });
    tell("answered", queued.id, drawn.item, String(kept.answers[drawn.item]?.seq), response);
  }
  if (random() < 0.4) {
    await queue.submit(queued.id);
    tell("submitted", queued.id);
  }
  if (stateOf(queued) === "refused") tell("refused", queued.id);
}
