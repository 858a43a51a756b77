// `sha256-v1`: which items an attempt shows, and in which order, follows from its id. So a client with no network draws what
// the service would.

import { sha256 } from "./sha256.js";
import type { Drawn } from "./wire.js";

/** As much of a quiz as the rule looks at. */
export type Drawable = {
  version: string;
  items: readonly { id: string; options: readonly { id: string }[] }[];
  order: { algorithm: string; draw?: number | null; shuffle_items: boolean; shuffle_options: boolean };
};

/** The items that an attempt of this id draws from the quiz, and their options, in the order in which it shows them. */
export function draw({ version, items, order }: Drawable, attempt: string): Drawn[] {
  if (order.algorithm !== "sha256-v1") throw new Error(`this program does not know the drawing rule ${order.algorithm}`);
  const place = [version, attempt.toLowerCase()];
  const shown = order.shuffle_items ? sorted(items, ({ id }) => [...place, id]) : items;
  return shown.slice(0, order.draw ?? items.length).map(({ id, options }) => {
    const ids = options.map((option) => option.id);
    return { item: id, options: order.shuffle_options ? sorted(ids, (option) => [...place, id, option]) : ids };
  });
}

/** By SHA-256 of the parts joined by line feeds, in hexadecimal, which compares like the bytes. */
function sorted<T>(list: readonly T[], parts: (one: T) => string[]): T[] {
  const keyed = list.map((one) => ({ one, key: sha256(new TextEncoder().encode(parts(one).join("\n"))) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ one }) => one);
}
