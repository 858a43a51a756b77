// A service that answers what the test tells it to.

import { Waymark, type Options, type Problem } from "@waymark/sdk";

export const problem = (changes: Partial<Problem> = {}): Problem => ({
  type: "/docs/errors#x", title: "X", status: 409, detail: "x", code: "x", errors: [], params: {}, retry: "never", request_id: "r", ...changes,
}); // prettier-ignore

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", "x-request-id": "r", ...headers } });

export const refusal = (changes: Partial<Problem>, headers: Record<string, string> = {}): Response => {
  const said = problem(changes);
  return json(said, said.status, { "content-type": "application/problem+json", ...headers });
};

/** A connection that broke. */
export const cut = (): never => {
  throw new TypeError("fetch failed");
};

export type Asked = { method: string; path: string; headers: Headers; body: string };

/** Gives the answers one after the other, the last one for ever; waits take no time and are written down. */
export function faked(answers: (() => Response | Promise<Response>)[], options: Partial<Options> = {}): { waymark: Waymark; asked: Asked[]; waits: number[] } {
  const asked: Asked[] = [];
  const waits: number[] = [];
  const waymark = new Waymark({
    url: "http://service.example/",
    fetch: async (url, { method, headers, body }) => {
      asked.push({ method: method ?? "", path: url.replace("http://service.example", ""), headers: new Headers(headers), body: String(body ?? "") });
      return (answers[asked.length - 1] ?? answers.at(-1) ?? cut)();
    },
    sleep: async (ms) => void waits.push(Math.round(ms)),
    random: () => 0,
    ...options,
  });
  return { waymark, asked, waits };
}
