// Where access tokens come from.

import { ProblemError, TokenRefusedError, failure } from "./problems.js";

/** `refused` is a token that the service did not take: give another one, or the same if there is none. */
export type TokenSource = (refused?: string) => Promise<string> | string;

export type Credentials = {
  clientId: string;
  clientSecret: string;
  /** Scopes separated by spaces; all that the client has unless given. */
  scope?: string;
};

type Answered = { access_token: string; expires_in: number };
/** Makes one request and reads it to the end; fails with a `NoAnswerError` where no answer came. */
export type Transport = (path: string, init: RequestInit) => Promise<{ status: number; headers: Headers; text: string }>;

/** A token is not used in the last part of its life: a request may be on its way for a while. */
const usableMs = (expiresIn: number): number => Math.max(0, expiresIn - Math.min(60, expiresIn / 10)) * 1000;

/** Tokens by client credentials (RFC 6749, section 4.4): kept until shortly before they expire, asked for once at a time. */
export function clientCredentials(
  { clientId, clientSecret, scope }: Credentials,
  send: Transport,
  patiently: <T>(once: () => Promise<T>) => Promise<T>,
  now: () => number = () => performance.now(),
): TokenSource {
  let kept: { token: string; until: number } | undefined;
  let asking: Promise<string> | undefined;

  async function ask(): Promise<string> {
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret });
    if (scope !== undefined) form.set("scope", scope);
    const { access_token, expires_in } = await patiently(async () => {
      const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
      return read(await send("/oauth/token", { method: "POST", headers, body: form.toString() }));
    });
    kept = { token: access_token, until: now() + usableMs(expires_in) };
    return access_token;
  }

  return (refused) => {
    if (kept && (kept.token === refused || kept.until <= now())) kept = undefined;
    if (kept) return kept.token;
    asking ??= ask().finally(() => (asking = undefined));
    return asking;
  };
}

function read({ status, headers, text }: Awaited<ReturnType<Transport>>): Answered {
  let body: Partial<Answered & { error: string; error_description: string }> = {};
  try {
    body = (JSON.parse(text) ?? {}) as typeof body;
  } catch {
    // Told below, as what is not an answer of the service.
  }
  if (status === 200 && typeof body.access_token === "string" && typeof body.expires_in === "number") {
    return { access_token: body.access_token, expires_in: body.expires_in };
  }
  const unclear = failure(status, headers, text);
  if (typeof body.error !== "string" || unclear instanceof ProblemError) throw unclear;
  throw new TokenRefusedError(body.error, body.error_description ?? "", status, unclear.retryAfterMs);
}
