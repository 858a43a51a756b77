// `sha256-v1`: which items an attempt shows, and in which order, follows from its id. So a phone with no network draws
// what the service would.

import { createHash } from "node:crypto";

export type Drawn = { item: string; options: string[] };

type Item = { id: string; options: { id: string }[] };
type Rule = { algorithm: string; draw: number | null; shuffle_items: boolean; shuffle_options: boolean };

export function draw(version: string, attempt: string, items: Item[], rule: Rule): Drawn[] {
  if (rule.algorithm !== "sha256-v1") throw new Error(`this app does not know the order ${rule.algorithm}`);
  const shuffled = rule.shuffle_items ? sortedBy(items, (item) => digest(version, attempt, item.id)) : items;
  return shuffled.slice(0, rule.draw ?? items.length).map((item) => {
    const options = item.options.map((option) => option.id);
    return {
      item: item.id,
      options: rule.shuffle_options ? sortedBy(options, (option) => digest(version, attempt, item.id, option)) : options,
    };
  });
}

/** SHA-256 of the parts, joined by line feeds, in hexadecimal: that compares like the bytes. */
function digest(...parts: string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}

function sortedBy<T>(list: readonly T[], key: (one: T) => string): T[] {
  const keyed = list.map((one) => ({ one, key: key(one) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ one }) => one);
}
