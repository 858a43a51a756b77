// Follows the record feed. What was counted and how far it was read are kept together in one file, so that every record
// counts exactly once, also when this program dies between two pages.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { Waymark, type FeedRecord } from "@waymark/sdk";
import { emptyTally, type Tally } from "./tally.js";

export type State = { cursor?: string; tally: Tally };

export function load(file: string): State {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as State) : { tally: emptyTally() };
}

function keep(file: string, state: State): void {
  writeFileSync(`${file}.part`, JSON.stringify(state));
  renameSync(`${file}.part`, file);
}

/** Reads on from where the file says, page by page, and hands every new record to `count`. */
export async function follow(
  url: string,
  token: string,
  file: string,
  count: (tally: Tally, record: FeedRecord) => void,
): Promise<{ state: State; pages: number; records: number }> {
  const waymark = new Waymark({ url, token });
  const state = load(file);
  let pages = 0;
  let records = 0;
  const after = state.cursor === undefined ? {} : { after: state.cursor };
  for await (const page of waymark.feed({ kind: "attempt.submitted", limit: 20, ...after })) {
    for (const record of page.records) count(state.tally, record);
    pages += 1;
    records += page.records.length;
    state.cursor = page.cursor; // also of the last page: the place to go on from next time
    keep(file, state);
  }
  return { state, pages, records };
}
