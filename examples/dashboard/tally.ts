// What the dashboard counts: for each item how many answered it right, and which layer people took for which.

import type { FeedRecord } from "./feed.js";

export type Tally = {
  attempts: number;
  items: Record<string, { right: number; answered: number }>;
  /** By expected layer, then by chosen layer. */
  layers: Record<string, Record<string, number>>;
};

export const emptyTally = (): Tally => ({ attempts: 0, items: {}, layers: {} });

/** Counts one `attempt.submitted`. Practice and previews, and attempts beyond the limit, are somebody else's statistics. */
export function count(tally: Tally, { body }: FeedRecord): void {
  if (body.purpose !== "assigned" || body.over_limit === true || !Array.isArray(body.items)) return;
  tally.attempts += 1;
  for (const graded of body.items.map(gradedItem)) {
    if (!graded || graded.verdict === "unanswered") continue;
    const item = (tally.items[graded.item] ??= { right: 0, answered: 0 });
    item.answered += 1;
    if (graded.verdict === "correct") item.right += 1;
    if (graded.expected === undefined || graded.chosen === undefined) continue;
    const row = (tally.layers[graded.expected] ??= {});
    row[graded.chosen] = (row[graded.chosen] ?? 0) + 1;
  }
}

type Graded = { item: string; verdict: string; expected: string | undefined; chosen: string | undefined };

/** Bodies are open: a newer service may send more, so only what is used is looked at, and nothing is taken for granted. */
function gradedItem(from: unknown): Graded | undefined {
  if (typeof from !== "object" || from === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(from));
  const text = (name: string): string | undefined => {
    const value = fields.get(name);
    return typeof value === "string" ? value : undefined;
  };
  const [item, verdict] = [text("item"), text("verdict")];
  if (item === undefined || verdict === undefined) return undefined;
  return { item, verdict, expected: text("expected_layer"), chosen: text("chosen_layer") };
}
