// In Chromium: IndexedDB, Web Locks, offline and back, two tabs, a page that is closed in the middle.

import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { Waymark } from "@waymark/sdk";
import type { App } from "./page.js";
import { BadNetwork, dice, learnerToken, serviceUrl } from "./service.js";

// The tools of the tests are installed in one place, beside this package.
const tools = createRequire(new URL("../../../tools/package.json", import.meta.url));
const { chromium } = tools("playwright-core") as typeof import("playwright-core");
declare const app: App;

const seed = Number(process.env["WAYMARK_TEST_SEED"] ?? Date.now() % 1_000_000);
const PAGE = `<!doctype html><title>app</title>
<script type="importmap">{"imports": {"@waymark/sdk": "/dist/index.js"}}</script>
<script type="module" src="/build/page.js"></script>`;

/** The page, and the package as it is published: no bundler. */
const files = createServer((request, response) => {
  const path = new URL(request.url ?? "/", "http://x").pathname;
  const answer = (status: number, type: string, body: string | Buffer) => response.writeHead(status, { "content-type": type }).end(body);
  if (path === "/") return void answer(200, "text/html", PAGE);
  if (!/^\/(dist|build)\/[\w/-]+\.js$/.test(path)) return void answer(404, "text/plain", "");
  readFile(new URL(`..${path}`, import.meta.url)).then(
    (body) => answer(200, "text/javascript", body),
    () => answer(404, "text/plain", ""),
  );
});

let browser: Browser;
let port = 0;
before(async () => {
  await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
  port = (files.address() as AddressInfo).port;
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  // Debian's browser has no sandbox for root, and tests run as root in containers.
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--host-resolver-rules=MAP school.test 127.0.0.1"] });
});
after(async () => {
  await browser?.close();
  files.close();
});

async function opened(context: BrowserContext, url: string, token: string, host = "127.0.0.1"): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error("page:", error));
  await page.goto(`http://${host}:${port}/`);
  await page.waitForFunction(() => "app" in globalThis);
  await page.evaluate(([url, token]) => app.open(url, token), [url, token] as const);
  return page;
}

/** How often each attempt was submitted, by the records. */
async function submissions(token: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const { records } of new Waymark({ url: serviceUrl(), token }).feed({ kind: "attempt.submitted" })) {
    for (const { object } of records) counts.set(object.id, (counts.get(object.id) ?? 0) + 1);
  }
  return counts;
}

test("IndexedDB keeps what every store must", async () => {
  const context = await browser.newContext();
  const page = await opened(context, serviceUrl(), "none");
  await page.evaluate(() => app.storeRules());
  await context.close();
});

test("offline: the bundle is read, attempts are made, and they go out by themselves when the network is back", async () => {
  const token = learnerToken(`browser-${seed}`);
  const context = await browser.newContext();
  const page = await opened(context, serviceUrl(), token);
  const synced = await page.evaluate(() => app.sync());
  ok(synced.changed && synced.fetched > 10);
  await page.evaluate(() => app.start());
  await context.setOffline(true);
  const { title, ids } = await page.evaluate(() => app.learn(3));
  ok(title);
  await page.waitForFunction(() => app.rounds().some(({ error }) => error?.startsWith("no answer")));
  deepStrictEqual((await page.evaluate(() => app.states())).map(({ state }) => state), ["pending", "pending", "pending"]);
  await context.setOffline(false);
  await page.evaluate(() => app.allSubmitted());
  deepStrictEqual(await submissions(token), new Map(ids.map((id) => [id, 1])));

  const again = await page.evaluate(() => app.sync());
  deepStrictEqual([again.changed, again.fetched], [false, 0]);
  await context.close();
});

test("a page that is closed in the middle loses nothing that it confirmed", async () => {
  const token = learnerToken(`closed-${seed}`);
  const context = await browser.newContext();
  const page = await opened(context, serviceUrl(), token);
  await page.evaluate(() => app.sync());
  await context.setOffline(true);
  await page.evaluate(() => void app.answerForEver("confirmed"));
  await page.waitForFunction(() => localStorage.getItem("confirmed") !== null && JSON.parse(localStorage.getItem("confirmed") ?? "").seq > 4);
  await page.close();
  await context.setOffline(false);
  const next = await opened(context, serviceUrl(), token);
  await next.evaluate(() => app.sendAll());
  const confirmed = JSON.parse((await next.evaluate(() => localStorage.getItem("confirmed"))) ?? "") as { id: string; item: string; seq: number };
  const there = await new Waymark({ url: serviceUrl(), token }).get("/v1/attempts/{id}", { path: { id: confirmed.id } });
  ok((there.responses?.find(({ item }) => item === confirmed.item)?.seq ?? 0) >= confirmed.seq);
  await context.close();
});

test("two tabs that send at once, over a bad network, send each attempt once", async (t) => {
  const network = await new BadNetwork(serviceUrl(), dice(seed)).listen();
  t.after(() => network.close());
  const token = learnerToken(`tabs-${seed}`);
  const context = await browser.newContext();
  const [one, two] = [await opened(context, network.url, token), await opened(context, network.url, token)];
  const syncs = await Promise.all([one, two].map((page) => page.evaluate(() => app.sync())));
  equal(syncs.filter(({ busy }) => busy).length, 1, "one of them brings the bundle");
  const made = await Promise.all([one, two].map((page) => page.evaluate(() => app.learn(6))));
  const ids = made.flatMap((tab) => tab.ids);
  network.cutting = 0.1;
  const sent = await Promise.all([one, two].map((page) => page.evaluate(() => app.sendAll())));
  ok(sent.some(({ busy }) => busy > 0), "one waited for the other");
  deepStrictEqual([...(await submissions(token))].sort(), ids.map((id) => [id, 1]).sort());
  ok((await two.evaluate(() => app.states())).every(({ state, score }) => state === "submitted" && typeof score === "number"));
  await context.close();
});

test("on plain http, where browsers have neither Web Locks nor `crypto.subtle`, all of it works", async () => {
  const token = learnerToken(`plain-${seed}`);
  const context = await browser.newContext();
  const pages = [await opened(context, serviceUrl(), token, "school.test"), await opened(context, serviceUrl(), token, "school.test")];
  const made: string[] = [];
  for (const page of pages) {
    deepStrictEqual(await page.evaluate(() => [isSecureContext, "locks" in navigator, "subtle" in crypto]), [false, false, false]);
    await page.evaluate(() => app.sync());
    made.push(...(await page.evaluate(() => app.learn(2))).ids);
  }
  // Nothing keeps them apart, and each is there once all the same: every request is repeatable.
  await Promise.all(pages.map((page) => page.evaluate(() => app.sendAll())));
  deepStrictEqual([...(await submissions(token))].sort(), made.map((id) => [id, 1]).sort());
  await context.close();
});
