// When a call is made again. Pure: the clock and the dice are the caller's.

import { keyedPosts } from "./generated/keyed.js";
import { NoAnswerError, ProblemError, type WaymarkError } from "./problems.js";
import type { Method } from "./wire.js";

export type Retries = {
  /** Tries in all. */
  tries: number;
  /** The wait before the second try; it doubles from there. */
  firstMs: number;
  /** No wait is longer. Where the service asks for a longer one the call fails, and says so in `retryAfterMs`. */
  longestMs: number;
};

export const usualRetries: Retries = { tries: 5, firstMs: 250, longestMs: 30_000 };

/** POST that takes no `Idempotency-Key`, because the contract says that the same call again changes nothing more. */
const repeatablePosts = new Set([
  "/v1/attempts/{id}/submit",
  "/v1/submissions/{id}/submit",
  "/v1/lessons/{slug}/withdraw",
  "/v1/drafts/{slug}/validate",
  "/v1/packages/import",
  "/v1/learners/{id}/token",
  "/v1/staff/{id}/token",
  "/oauth/token",
]);

/** Whether the operation takes an `Idempotency-Key`. */
export const takesKey = (method: Method, path: string): boolean => method === "post" && keyedPosts.has(path);

/** Whether a call may be made again when nobody knows whether it was done. */
export function repeatable(method: Method, path: string, hasKey: boolean): boolean {
  return method !== "post" || repeatablePosts.has(path) || (hasKey && keyedPosts.has(path));
}

export type Step = { waitMs: number; newToken: boolean };

/**
 * What to do after a failed try, the `tried`th: nothing (undefined), or the same again, after a wait, with a new token.
 * `renewed` says whether a new token was asked for already; it is once.
 */
export function afterFailure(
  error: WaymarkError,
  call: { tried: number; renewed: boolean; repeatable: boolean },
  retries: Retries,
  random: () => number,
): Step | undefined {
  // Nothing was done without a valid token, so this holds for every call.
  if (error instanceof ProblemError && error.retry === "new_token") return call.renewed ? undefined : { waitMs: 0, newToken: true };
  if (!error.temporary || !call.repeatable || call.tried >= retries.tries) return undefined;
  if (error instanceof NoAnswerError && error.barred) return undefined;
  const asked = error.retryAfterMs ?? 0;
  if (asked > retries.longestMs) return undefined;
  return { waitMs: asked + backoff(call.tried, retries, random), newToken: false };
}

/** Between half of the wait and all of it, so that many clients that failed together do not come again together. */
export function backoff(tried: number, { firstMs, longestMs }: Pick<Retries, "firstMs" | "longestMs">, random: () => number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(tried - 1, 30)) * (0.5 + random() / 2);
}
