// What the dashboard counts: for each item the points that its answers got, and which layer people took for which. Points,
// because an answer may be partly right; of items that are right or wrong it is the share of right answers all the same.

import type { FeedRecord } from "@waymark/sdk";

export type Tally = {
  attempts: number;
  items: Record<string, { points: number; max: number }>;
  /** By expected layer, then by chosen layer; of a matching item each prompt counts. */
  layers: Record<string, Record<string, number>>;
};

export const emptyTally = (): Tally => ({ attempts: 0, items: {}, layers: {} });

/** Counts one `attempt.submitted`. Practice and previews, and attempts beyond the limit, are somebody else's statistics. */
export function count(tally: Tally, { body }: FeedRecord): void {
  if (body.purpose !== "assigned" || body.over_limit === true || !Array.isArray(body.items)) return;
  tally.attempts += 1;
  for (const graded of body.items.map(gradedItem)) {
    if (!graded || graded.verdict === "unanswered") continue;
    const item = (tally.items[graded.item] ??= { points: 0, max: 0 });
    item.points += graded.points;
    item.max += graded.max;
    for (const { expected, chosen } of graded.layers) {
      if (expected === undefined || chosen === undefined) continue;
      const row = (tally.layers[expected] ??= {});
      row[chosen] = (row[chosen] ?? 0) + 1;
    }
  }
}

type Layers = { expected: string | undefined; chosen: string | undefined };
type Graded = { item: string; verdict: string; points: number; max: number; layers: Layers[] };

/** Bodies are open: a newer service may send more, so only what is used is looked at, and nothing is taken for granted. */
function gradedItem(from: unknown): Graded | undefined {
  const { item, verdict, points, max_points: max, parts } = fields(from);
  if (typeof item !== "string" || typeof verdict !== "string") return undefined;
  if (typeof points !== "number" || typeof max !== "number") return undefined;
  return { item, verdict, points, max, layers: [from, ...(Array.isArray(parts) ? parts : [])].map(layers) };
}

function layers(from: unknown): Layers {
  const { expected_layer: expected, chosen_layer: chosen } = fields(from);
  return { expected: typeof expected === "string" ? expected : undefined, chosen: typeof chosen === "string" ? chosen : undefined };
}

const fields = (from: unknown): Record<string, unknown> => (typeof from === "object" && from !== null ? { ...from } : {});
