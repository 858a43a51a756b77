// Following the records.

import type { Waymark } from "./client.js";
import { WaymarkError } from "./problems.js";
import { backoff } from "./retries.js";
import type { FeedQuery, FeedRecord } from "./wire.js";

export type FeedOptions = FeedQuery & {
  /**
   * Go on for ever: ask again this many milliseconds after the end of the log was reached, and after any break. Absent: end
   * where the log ends, and fail where the service cannot be reached.
   */
  everyMs?: number;
  signal?: AbortSignal;
};

export type FeedPage = {
  records: FeedRecord[];
  /** Keep it together with what you made of the records, in one step; `after: cursor` goes on from here. It never expires. */
  cursor: string;
  more: boolean;
  /** When the page was made. */
  asOf: string;
};

/**
 * Page by page from `after`, or from the beginning. A page is asked for only when the one before was dealt with, so one is in
 * memory at a time. The last page may have no records; its cursor counts all the same.
 */
export async function* feed(
  waymark: Waymark,
  { everyMs, signal, ...query }: FeedOptions,
  { sleep, random }: { sleep: (ms: number, signal?: AbortSignal) => Promise<void>; random: () => number },
): AsyncGenerator<FeedPage, void, undefined> {
  let after = query.after;
  let failed = 0;
  for (;;) {
    let page: FeedPage;
    try {
      const asked = { query: { ...query, ...(after !== undefined && { after }) }, ...(signal && { signal }) };
      const { items, next_cursor, has_more, as_of } = await waymark.get("/v1/records", asked);
      page = { records: items, cursor: next_cursor, more: has_more, asOf: as_of };
    } catch (error) {
      if (everyMs === undefined || !(error instanceof WaymarkError) || !error.temporary) throw error;
      failed += 1;
      await sleep((error.retryAfterMs ?? 0) + backoff(failed, { firstMs: 1000, longestMs: 60_000 }, random), signal);
      continue;
    }
    failed = 0;
    after = page.cursor;
    yield page;
    if (page.more) continue;
    if (everyMs === undefined) return;
    await sleep(everyMs * (0.75 + random() / 2), signal);
  }
}
