// What can go wrong with a call, as classes that a program can tell apart.

import type { Problem } from "./wire.js";

export class WaymarkError extends Error {
  override name = "WaymarkError";

  /** `retryAfterMs` is what the header `Retry-After` says. */
  constructor(
    message: string,
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same call may succeed later as it is. */
  get temporary(): boolean {
    return false;
  }
}

/** The service said no, and why. */
export class ProblemError extends WaymarkError {
  override name = "ProblemError";

  constructor(
    readonly problem: Problem,
    retryAfterMs?: number,
  ) {
    super(`${problem.code}: ${problem.detail}`, retryAfterMs);
  }

  get status(): number {
    return this.problem.status;
  }
  /** Stable name of the failure; the service's page `/docs/errors` explains each. */
  get code(): string {
    return this.problem.code;
  }
  /** Values for a message in the reader's own language. */
  get params(): Record<string, unknown> {
    return this.problem.params;
  }
  /** What is wrong, and where. */
  get errors(): Problem["errors"] {
    return this.problem.errors;
  }
  /** `same_request`, `after_delay`, `new_token`, `change_request` or `never`; more may come. */
  get retry(): string {
    return this.problem.retry;
  }
  /** Quote it when reporting. */
  get requestId(): string {
    return this.problem.request_id;
  }
  override get temporary(): boolean {
    return ["same_request", "after_delay", "new_token"].includes(this.retry);
  }
}

/**
 * No answer of the service came: no network, a connection that broke, a time-out, or something between that answered in its
 * place (a proxy, the portal of a wireless network). Whether the service did what was asked nobody knows.
 */
export class NoAnswerError extends WaymarkError {
  override name = "NoAnswerError";

  /** `status` is that of whatever stood between, where it answered. */
  constructor(
    message: string,
    readonly status?: number,
    retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, retryAfterMs, options);
  }

  /** Whether something between that refused (a firewall, a portal), and will do so again, kept the call from the service. */
  get barred(): boolean {
    return this.status !== undefined && this.status < 500 && this.status !== 429;
  }

  override get temporary(): boolean {
    return true;
  }
}

/** `/oauth/token` gave no token (RFC 6749, section 5.2). */
export class TokenRefusedError extends WaymarkError {
  override name = "TokenRefusedError";

  constructor(
    readonly error: string,
    description: string,
    readonly status: number,
    retryAfterMs?: number,
  ) {
    super(`${error}: ${description}`, retryAfterMs);
  }

  override get temporary(): boolean {
    return this.error === "temporarily_unavailable" || this.status >= 500;
  }
}

/** What an answer that did not go well comes to. */
export function failure(status: number, headers: Headers, body: string): ProblemError | NoAnswerError {
  const retryAfterMs = retryAfter(headers);
  const problem = /\bproblem\+json\b/.test(headers.get("content-type") ?? "") ? parsed(body) : undefined;
  if (problem) return new ProblemError(problem, retryAfterMs);
  return new NoAnswerError(`status ${status} without a problem: not an answer of the service`, status, retryAfterMs);
}

function parsed(body: string): Problem | undefined {
  try {
    const { type, title, status, detail, code, errors, params, retry, request_id } = JSON.parse(body) as Partial<Problem>;
    if (typeof code !== "string" || typeof retry !== "string" || typeof status !== "number") return undefined;
    return {
      type: type ?? "about:blank",
      title: title ?? code,
      status,
      detail: detail ?? "",
      code,
      errors: errors ?? [],
      params: params ?? {},
      retry,
      request_id: request_id ?? "",
    };
  } catch {
    return undefined;
  }
}

/** Seconds or a date (RFC 9110, section 10.2.3), in milliseconds from now. */
export function retryAfter(headers: Headers): number | undefined {
  const said = headers.get("retry-after");
  if (said === null) return undefined;
  const ms = /^\d+$/.test(said.trim()) ? Number(said) * 1000 : Date.parse(said) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
