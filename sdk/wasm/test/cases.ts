// All evidence that there is to compare by, and what the native engine says of it.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Evidence, Verdict } from "@waymark/engine";

export interface Case {
  /** Where it stands. Nothing of what it says is ever printed: a part of the cases only counts. */
  readonly name: string;
  readonly evidence: Evidence;
  readonly native: Verdict;
}

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

function labelled(path: string): (readonly [string, Evidence])[] {
  const lines = read(path).split("\n").filter((line) => line !== "");
  return lines.map((line, at) => [`${path}:${at + 1}`, (JSON.parse(line) as { evidence: Evidence }).evidence]);
}

function examples(): (readonly [string, Evidence])[] {
  const all = JSON.parse(read("crates/engine/compiled/examples.json")) as Record<string, Record<string, Evidence[]>>;
  return Object.entries(all).flatMap(([signal, kinds]) =>
    Object.entries(kinds).flatMap(([kind, list]) => list.map((one, at) => [`${signal}, ${kind} ${at + 1}`, one] as const)),
  );
}

export function cases(): Case[] {
  const given = [...labelled("tests/diagnosis/labelled.jsonl"), ...labelled("tests/diagnosis/blind.jsonl"), ...examples()];
  const input = given.map(([, evidence]) => `${JSON.stringify(evidence)}\n`).join("");
  const program = process.env["WAYMARK_VERDICTS"];
  if (!program) throw new Error("WAYMARK_VERDICTS names the engine's example print_verdicts: run script/wasm test");
  const { status, stdout } = spawnSync(program, { input, encoding: "utf8", maxBuffer: 1 << 30 });
  const verdicts = stdout.split("\n").slice(0, -1);
  if (status !== 0 || verdicts.length !== given.length) throw new Error(`the native engine gave ${verdicts.length} of ${given.length} verdicts`);
  return given.map(([name, evidence], at) => ({ name, evidence, native: JSON.parse(verdicts[at] ?? "") as Verdict }));
}

/** Which members of a verdict differ, as their text does; none where it is the same JSON. */
export function differences(native: Verdict, other: Verdict): string[] {
  if (JSON.stringify(native) === JSON.stringify(other)) return [];
  const names = Object.keys({ ...native, ...other }) as (keyof Verdict)[];
  return ["differs", ...names.filter((name) => JSON.stringify(native[name]) !== JSON.stringify(other[name]))];
}

/** Cases whose verdict is another, by their places. */
export function wrong(all: readonly Case[], verdicts: readonly Verdict[]): string[] {
  const told = all.map(({ name, native }, at) => [name, differences(native, verdicts[at] as Verdict)] as const);
  return told.filter(([, differs]) => differs.length > 0).map(([name, differs]) => `${name}: ${differs.join(" ")}`);
}

/** Of times in milliseconds: the middle one, and the one that 99 of 100 stay below. */
export function told(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? NaN).toFixed(2);
  return `median ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`;
}
