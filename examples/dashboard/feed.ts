// Follows the record feed. What was counted and how far it was read are kept together in one file, so that every record
// counts exactly once, also when this program dies between two pages.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components, paths } from "../../tools/clients/typescript/waymark.js";
import { emptyTally, type Tally } from "./tally.js";

export type FeedRecord = components["schemas"]["LearningRecord"];
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
  const api = createClient<paths>({ baseUrl: url, headers: { authorization: `Bearer ${token}` } });
  const state = load(file);
  let pages = 0;
  let records = 0;
  for (let more = true; more; pages += 1) {
    const after = state.cursor === undefined ? {} : { after: state.cursor };
    const { data, error } = await api.GET("/v1/records", {
      params: { query: { kind: "attempt.submitted", limit: 20, ...after } },
    });
    if (error) throw new Error(`${error.code}: ${error.detail}`);
    for (const record of data.items) count(state.tally, record);
    records += data.items.length;
    state.cursor = data.next_cursor; // also on the last page: the place to go on from next time
    keep(file, state);
    more = data.has_more;
  }
  return { state, pages, records };
}
