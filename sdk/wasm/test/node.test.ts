// In Node: the same verdicts as the native engine, what it costs, what broken input does.

import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Engine, EvidenceError, load, type Evidence, type Verdict } from "@waymark/engine";
import { cases, told, wrong } from "./cases.js";

/** What the whole of it may weigh, with model and signals. */
const MOST_PACKED = 3_000_000;
const dist = new URL("../dist/", import.meta.url);
const wasm = new URL("waymark.wasm", dist);
const EXAMPLE: Evidence = {
  provider: "OpenAI",
  http: { status: 400, body: '{"error":{"code":"content_filter","param":"prompt"}}' },
  visible_text: "I'm sorry, but I can't help with that request.",
};

test("verdict for verdict what the native engine says", async (t) => {
  const clock = performance.now();
  const engine = await load();
  const loaded = performance.now();
  engine.diagnose(EXAMPLE);
  t.diagnostic(`load ${(loaded - clock).toFixed(0)} ms, first call ${(performance.now() - loaded).toFixed(0)} ms`);
  const all = cases();
  const verdicts: Verdict[] = [];
  for (const round of ["first", "second"]) {
    verdicts.length = 0;
    const times = all.map(({ evidence }) => {
      const began = performance.now();
      verdicts.push(engine.diagnose(evidence));
      return performance.now() - began;
    });
    t.diagnostic(`${round} round of ${all.length}: ${told(times)}`);
    deepStrictEqual(wrong(all, verdicts), []);
  }
  t.diagnostic(`memory ${(engine.memoryBytes / 2 ** 20).toFixed(1)} MiB`);
});

test("it imports nothing, and is small", async (t) => {
  const bytes = await readFile(wasm);
  deepStrictEqual(WebAssembly.Module.imports(await WebAssembly.compile(bytes)), []);
  const names = (await readdir(dist)).filter((name) => /\.(js|wasm)$/.test(name));
  const files = await Promise.all(names.map((name) => readFile(new URL(name, dist))));
  const packed = files.map((file) => gzipSync(file, { level: 9 }).length).reduce((sum, size) => sum + size);
  t.diagnostic(`${bytes.length} bytes; with its JavaScript ${packed} by gzip`);
  ok(packed <= MOST_PACKED, `${packed} bytes`);
  for (const path of [fileURLToPath(new URL("../../../", import.meta.url)), `${homedir()}/.cargo`]) ok(!bytes.includes(path), `it holds ${path}`);
});

test("it comes from bytes, a module or an answer, too", async () => {
  const bytes = await readFile(wasm);
  const from = [bytes, await WebAssembly.compile(bytes), new Response(bytes), `data:application/wasm;base64,${bytes.toString("base64")}`];
  for (const source of from) equal((await load(source)).diagnose(EXAMPLE).verdict, "pre_classifier");
  await load(new Response("", { status: 404 })).then(() => ok(false), (error: Error) => ok(error.message.includes("404")));
});

function refused(engine: Engine, json: string): EvidenceError {
  let found: unknown;
  try {
    engine.diagnoseJson(json);
  } catch (error) {
    found = error;
  }
  ok(found instanceof EvidenceError, `an EvidenceError, not ${String(found)}`);
  return found;
}

test("what is no evidence gets an error that says where and why, and the engine goes on", async () => {
  const engine = await load();
  const right = JSON.stringify(engine.diagnose(EXAMPLE));
  const deep = "{".repeat(1 << 20);
  for (const [json, code, pointer, detail] of [
    ["", "malformed_json", null, /EOF/],
    ['{"http":', "malformed_json", null, /line 1 column 8/],
    [deep, "malformed_json", null, /./],
    [`{"http":`.repeat(100_000), "invalid_evidence", "/http/http", /unknown field/],
    [`{"visible_text":${"[".repeat(1 << 20)}`, "invalid_evidence", "/visible_text", /must be a text/],
    ["[]", "invalid_evidence", "", /object/],
    ['{"http":{"status":"400"}}', "invalid_evidence", "/http/status", /must be a whole number.*, not a text/],
    ['{"http":{"status":99}}', "invalid_evidence", "/http/status", /100 to 599/],
    [JSON.stringify({ visible_text: "x".repeat(9 << 20) }), "too_long", null, /bytes/],
  ] as const) {
    const error = refused(engine, json);
    deepStrictEqual([error.code, error.pointer], [code, pointer], json.slice(0, 40));
    ok(detail.test(error.message), error.message);
    equal(JSON.stringify(engine.diagnose(EXAMPLE)), right);
  }
  throws(() => engine.diagnose(undefined as unknown as Evidence), EvidenceError);
  // As a body and as text all of that is evidence like any other.
  for (const hostile of [deep, "[".repeat(1 << 20), "\ud800", "\0", '{"a":'.repeat(200_000), "(".repeat(1 << 20), "x=".repeat(1 << 19), '"\\'.repeat(1 << 19)]) {
    equal(typeof engine.diagnose({ http: { body: hostile.toWellFormed() } }).verdict, "string");
    equal(typeof engine.diagnose({ visible_text: hostile.toWellFormed() }).verdict, "string");
    equal(JSON.stringify(engine.diagnose(EXAMPLE)), right);
  }
});

test("after a call that broke off inside of the module the next one has a new instance", async () => {
  const engine = await load();
  const right = JSON.stringify(engine.diagnose(EXAMPLE));
  // As deep as the stack goes, and back: calls break off anywhere.
  let failed = 0;
  let left = 40;
  const dive = () => {
    try {
      dive();
    } catch {
      // There is no more stack.
    }
    if (left-- <= 0) return;
    try {
      engine.diagnose(EXAMPLE);
    } catch {
      failed++;
    }
  };
  dive();
  ok(failed > 0);
  equal(JSON.stringify(engine.diagnose(EXAMPLE)), right);
});

test("ten thousand calls take no more memory than a hundred", async (t) => {
  const engine = await load();
  const many = cases().slice(0, 100);
  const round = () => {
    for (const { evidence } of many) engine.diagnose(evidence);
    refused(engine, '{"http":');
  };
  round();
  round();
  const before = engine.memoryBytes;
  for (let at = 0; at < 100; at++) round();
  t.diagnostic(`${before} bytes before, ${engine.memoryBytes} after`);
  equal(engine.memoryBytes, before);
});
