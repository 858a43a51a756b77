import { deepStrictEqual } from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { memoryStore } from "@waymark/sdk";
import { folderStore } from "@waymark/sdk/node";
import { storeRules } from "./store-rules.js";

test("a store in memory", async () => {
  const store = memoryStore();
  await storeRules(() => store);
});

test("a store in a folder, and what a killed program left there", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "waymark-store-"));
  t.after(() => rmSync(folder, { recursive: true }));
  await storeRules(() => folderStore(folder));
  writeFileSync(join(folder, "0123.part"), '{"half');
  deepStrictEqual(await folderStore(folder).keys("p/"), ["p/10", "p/2"]);
  deepStrictEqual(readdirSync(folder).filter((name) => name.endsWith(".part")), []);
});
