// Has a QTI 3 player that nobody here wrote (qti3-item-player) show every item of a package, answer it right and wrong, and
// compares the scores. Usage: node play.cjs FOLDER...   (each an unpacked package that `waymark package export` made)
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const Module = require("node:module");
const { JSDOM } = require("jsdom");

process.exitCode = 1; // until it is known that all is well
const say = console.log;
console.log = console.info = () => {}; // the player tells every step

const { window } = new JSDOM("<!doctype html><html><body></body></html>", { pretendToBeVisual: true, url: "http://localhost/" });
const names = "document navigator HTMLElement Node Element DOMParser XMLSerializer MutationObserver getComputedStyle CustomEvent Event Range NodeList SVGElement HTMLCollection KeyboardEvent MouseEvent location DocumentFragment HTMLInputElement Text Document requestAnimationFrame cancelAnimationFrame";
Object.defineProperty(globalThis, "window", { value: window, configurable: true });
for (const name of names.split(" ")) Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });
document.execCommand ??= () => false;

// The player needs the build of Vue that compiles templates, and the very same instance of it.
const vue = require.resolve("vue/dist/vue.common.prod.js");
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return request === "vue" ? vue : resolve.call(this, request, ...rest);
};
const Vue = require("vue");
const Player = require("qti3-item-player");

const waiting = {};
const event = (name) =>
  new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error(`the player never said "${name}"`)), 10_000);
    waiting[name] = (data) => {
      clearTimeout(late);
      done(data);
    };
  });

async function start() {
  const on = {
    notifyQti3PlayerReady: (player) => waiting.player(player),
    notifyQti3ItemReady: () => waiting.item?.(),
    notifyQti3ScoreAttemptCompleted: (data) => waiting.score?.(data),
  };
  const props = { suppressAlertMessages: true, suppressInvalidResponseMessages: true };
  const host = document.body.appendChild(document.createElement("div"));
  const ready = event("player");
  new Vue({ render: (make) => make(Player, { props, on }) }).$mount(host);
  return ready;
}

let attempts = 0;
async function score(player, xml, { value, cardinality, order }) {
  const guid = `attempt-${++attempts}`;
  const variable = (identifier, cardinality, value, state = null) => ({ identifier, cardinality, value, state });
  const state = {
    identifier: "item", guid, contextVariables: [], templateVariables: [], validationMessages: [],
    responseVariables: [variable("numAttempts", "single", 1), variable("duration", "single", 0), variable("RESPONSE", cardinality, value, order && { order })],
    outcomeVariables: [variable("SCORE", "single", 0), variable("completionStatus", "single", "unknown")],
  };
  const shown = event("item");
  player.loadItemFromXml(xml, { guid, status: "interacting", sessionControl: { show_feedback: false }, pnp: {}, state });
  await shown;
  await Vue.nextTick();
  const text = document.body.textContent;
  const scored = event("score");
  player.scoreAttempt(guid);
  const outcome = (await scored).state.outcomeVariables.reduce((all, { identifier, value }) => ({ ...all, [identifier]: value }), {});
  return { text, outcome };
}

const coded = (id) => (/^[a-zA-Z][a-zA-Z0-9-]*$/.test(id) ? id : `_${id}`);

/** Answers with the points they get, a right one first. */
function tries(item) {
  const { kind, key, points, scoring } = item;
  const part = (share) => (scoring === "partial" ? points * share : 0);
  const one = (value, points, order) => ({ value, points, cardinality: "single", order });
  const several = (value, points, order, cardinality = "multiple") => ({ value, points, cardinality, order });
  const options = (item.options ?? []).map((option) => coded(option.id));
  switch (kind) {
    case "single_choice":
      return [one(coded(key), points, options), one(options.find((option) => option !== coded(key)), 0, options)];
    case "multiple_response": {
      const keys = key.map(coded);
      const wrong = options.find((option) => !keys.includes(option));
      return [several(keys, points, options), several([keys[0], wrong], 0, options), several([keys[0]], part(1 / keys.length), options)];
    }
    case "ordering":
      return [several(key.map(coded), points, options, "ordered"), several(key.map(coded).reverse(), 0, options, "ordered")];
    case "matching": {
      const pairs = item.prompts.map((prompt) => `p_${coded(prompt.id)} c_${coded(prompt.key)}`);
      return [several(pairs, points), several([], 0), several(pairs.slice(0, 1), part(1 / pairs.length))];
    }
    case "short_text":
      return [one(item.accepted[0].form, points), one("something else", 0), ...item.accepted.slice(1).map((form) => one(form.form, points * (form.share ?? 1)))];
    case "numeric":
      return [one(key + item.tolerance, points), one(key + 2 * item.tolerance + 1, 0)];
    case "point_at_field":
      if (!item.mistakes?.length) return [one(key[0], points), one("/nowhere", 0)];
      return [one("field-1", points, ["field-1", "field-2"]), one(`field-${key.length + 1}`, 0, ["field-1", "field-2"])];
    default:
      throw new Error(`no answers are known for the kind ${kind}`);
  }
}

async function main(folders) {
  const player = await start();
  let passed = 0;
  const wrong = [];
  for (const folder of folders) {
    const { quiz, language } = JSON.parse(fs.readFileSync(path.join(folder, "waymark.json"), "utf8"));
    const most = Math.max(...quiz.items.map((item) => tries(item).length));
    const read = (item) => fs.readFileSync(path.join(folder, "items", `${coded(item.id)}.xml`), "utf8");
    let before = null;
    for (let round = 0; round < most; round++) {
      for (const item of quiz.items) {
        const answer = tries(item)[round];
        if (!answer) continue;
        const what = `${path.basename(folder)}/${item.id}: ${JSON.stringify(answer.value)}`;
        try {
          // The player does not draw an item anew that is loaded twice in a row.
          const other = quiz.items.find((one) => one !== item);
          if (before === item) await score(player, read(other), tries(other)[0]);
          before = item;
          const { text, outcome } = await score(player, read(item), answer);
          const evidence = item.evidence[0].content.replace(/\s+/g, "");
          if (Math.abs(outcome.SCORE - answer.points) > 1e-9) wrong.push(`${what} gets ${outcome.SCORE}, not ${answer.points}`);
          else if (outcome.MAXSCORE !== item.points) wrong.push(`${what}: the most is ${outcome.MAXSCORE}, not ${item.points}`);
          else if (!text.replace(/\s+/g, "").includes(evidence)) wrong.push(`${what}: the evidence is not shown (${language})`);
          else passed++;
        } catch (error) {
          wrong.push(`${what}: ${error.message}`);
        }
      }
    }
  }
  wrong.forEach((line) => say(line));
  say(`QTI 3, qti3-item-player: ${passed} answers scored as they should be, ${wrong.length} not`);
  process.exit(wrong.length || !passed ? 1 : 0);
}

main(process.argv.slice(2)).catch((error) => {
  say(error.stack);
  process.exit(1);
});
