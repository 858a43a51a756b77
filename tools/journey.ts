// Walks the journey of a learner through the generated client, under tsc's strictest rules: what the contract document
// promises must be enough to read every answer without a cast. `script/examples` runs it.

import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import { someAnswer } from "../examples/answers.js";
import type { components, paths } from "./clients/typescript/waymark.js";

const { WAYMARK_URL: baseUrl, WAYMARK_TOKEN: token } = process.env;
if (!baseUrl || !token) throw new Error("set WAYMARK_URL and WAYMARK_TOKEN");
const api = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } });

/** The body of an answer that went well; a problem ends the walk. */
function done<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) throw new Error(`${answer.response.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
}

const lessons = done(await api.GET("/v1/lessons"));
const slug = lessons.items[0]?.slug ?? "";
const path = { slug };
const lesson = done(await api.GET("/v1/lessons/{slug}", { params: { path } }));
const quiz = done(await api.GET("/v1/lessons/{slug}/quiz", { params: { path } }));
const exercise = done(await api.GET("/v1/lessons/{slug}/exercise", { params: { path } }));
console.log(`read      ${lesson.blocks.map(plain).join(" ").length} characters, ${quiz.items.length} items, ${exercise.steps.length} steps`);

const learner = { identity: { system: "https://school.example", id: randomUUID() } };
const body: components["schemas"]["AttemptPut"] = { learner, lesson: slug, purpose: "practice", context: {}, responses: [], submit: false };
const header = { "Idempotency-Key": randomUUID() };
const attempt = done(await api.POST("/v1/attempts", { params: { header }, body }));
const again = await api.POST("/v1/attempts", { params: { header }, body });
assert.equal(done(again).id, attempt.id);
console.log(`start     ${attempt.state}, repeated: ${again.response.headers.get("idempotent-replayed")}`);

const bank = new Map(quiz.items.map((item) => [item.id, item]));
const [first, ...others] = (attempt.order ?? []).map((drawn) => {
  const item = bank.get(drawn.item);
  assert.ok(item, `the quiz has what the attempt draws: ${drawn.item}`);
  return { item: item.id, seq: 1, response: someAnswer(item, drawn) };
});
assert.ok(first);
const { item: item_id, ...answer } = first;
const place = { id: attempt.id, item_id };
const one = done(await api.PUT("/v1/attempts/{id}/responses/{item_id}", { params: { path: place }, body: answer }));
const several = done(await api.PUT("/v1/attempts/{id}/responses", { params: { path: attempt }, body: { responses: others } }));
console.log(`answer    ${[one, ...several.results].filter((result) => result.status === "saved").length} saved`);

const wrong = { seq: 2, response: { kind: "single_choice", option: "no such option" } } as const;
const refused = await api.PUT("/v1/attempts/{id}/responses/{item_id}", { params: { path: place }, body: wrong });
assert.ok(refused.error);
console.log(`refused   ${refused.error.status} ${refused.error.code}, ${refused.error.retry}`);

const graded = done(await api.POST("/v1/attempts/{id}/submit", { params: { path: attempt } }));
const read = done(await api.GET("/v1/attempts/{id}", { params: { path: attempt } }));
assert.deepEqual(read, graded);
const rationales = (read.items ?? []).flatMap((graded) => graded.rationales ?? []);
console.log(`submit    ${read.result?.max} points to be had, ${rationales.length} rationales`);

const page = done(await api.GET("/v1/records", { params: { query: { learner: attempt.learner } } }));
const about = page.items.filter((record) => record.object.id === attempt.id).map((record) => record.kind);
console.log(`records   ${page.items.length}, of the attempt: ${about.join(", ")}`);

/** Every kind of block in words: the switch must know them all, or this does not compile. */
function plain(block: components["schemas"]["Block"]): string {
  switch (block.type) {
    case "heading":
    case "text":
    case "callout":
      return block.text.text;
    case "table":
      return block.rows.flat().map((cell) => cell.text).join(" ");
    case "evidence":
      return block.content;
    case "steps":
      return block.steps.map((step) => step.text).join(" ");
    case "image":
      return block.alt.text;
  }
}
