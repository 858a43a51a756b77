/** POST operations that take an `Idempotency-Key`. */
export const keyedPosts: ReadonlySet<string> = new Set([
  "/v1/drafts/{slug}/publish",
  "/v1/learners",
  "/v1/attempts",
  "/v1/regrades",
  "/v1/submissions",
  "/v1/submissions/{id}/reviews",
  "/v1/diagnoses",
  "/v1/clients",
  "/v1/clients/{id}/secret",
  "/v1/keys",
]);
