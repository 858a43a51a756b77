// In Chromium: the package as it is published, no bundler; the same verdicts, also without a network.

import { deepStrictEqual, equal } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import type { Engine, Evidence, Verdict } from "@waymark/engine";
import { cases, told, wrong } from "./cases.js";

const tools = createRequire(new URL("../../../tools/package.json", import.meta.url));
const { chromium } = tools("playwright-core") as typeof import("playwright-core");
declare const engine: Engine;

const PAGE = `<!doctype html><title>app</title>
<script type="importmap">{"imports": {"@waymark/engine": "/dist/index.js"}}</script>
<script type="module">
import { load } from "@waymark/engine";
const began = performance.now();
globalThis.engine = await load();
globalThis.loaded = performance.now() - began;
</script>`;
const TYPES: Record<string, string> = { js: "text/javascript", wasm: "application/wasm" };

const files = createServer((request, response) => {
  const path = new URL(request.url ?? "/", "http://x").pathname;
  if (path === "/") return void response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
  const type = TYPES[/^\/dist\/[\w]+\.(js|wasm)$/.exec(path)?.[1] ?? ""];
  if (!type) return void response.writeHead(404).end();
  readFile(new URL(`..${path}`, import.meta.url)).then(
    (body) => response.writeHead(200, { "content-type": type }).end(body),
    () => response.writeHead(404).end(),
  );
});

let browser: Browser;
let port = 0;
before(async () => {
  await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
  port = (files.address() as AddressInfo).port;
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  // Debian's browser has no sandbox for root, and tests run as root in containers.
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  files.close();
});

test("in Chromium, without a network, verdict for verdict what the native engine says", async (t) => {
  const all = cases();
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error("page:", error));
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.waitForFunction(() => "engine" in globalThis && "loaded" in globalThis);
  await context.setOffline(true);
  const { loaded, first } = await page.evaluate(() => {
    const began = performance.now();
    engine.diagnose({ provider: "OpenAI", visible_text: "I'm sorry, but I can't help with that request." });
    return { loaded: (globalThis as unknown as { loaded: number }).loaded, first: performance.now() - began };
  });
  t.diagnostic(`load ${loaded.toFixed(0)} ms, first call ${first.toFixed(0)} ms`);
  const times: number[] = [];
  const verdicts: Verdict[] = [];
  for (let at = 0; at < all.length; at += 200) {
    const part = all.slice(at, at + 200).map(({ evidence }) => evidence);
    const said = await page.evaluate((part: Evidence[]) => {
      return part.map((evidence) => {
        const began = performance.now();
        const verdict = engine.diagnose(evidence);
        return { took: performance.now() - began, text: JSON.stringify(verdict) };
      });
    }, part);
    times.push(...said.map(({ took }) => took));
    verdicts.push(...said.map(({ text }) => JSON.parse(text) as Verdict));
  }
  t.diagnostic(`${all.length} calls: ${told(times)}`);
  deepStrictEqual(wrong(all, verdicts), []);
  const error = await page.evaluate(() => {
    try {
      return String(engine.diagnoseJson("{".repeat(1 << 20)).verdict);
    } catch (error) {
      return `${(error as Error).name} ${(error as { code?: string }).code}`;
    }
  });
  equal(error, "EvidenceError malformed_json");
  await context.close();
});
