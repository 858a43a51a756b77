// A person signs in at an identity provider, hands its ID token in for tokens of Waymark, refreshes and signs out; a service signs in
// by secret and by a key of its own, looks tokens up and takes them back. Every step by openid-client, then the same by oauth4webapi.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import * as low from "oauth4webapi";
import * as client from "openid-client";
import { CALLBACK, signIn, startProvider } from "./provider.mjs";

const [directory] = process.argv.slice(2);
const program = process.env.WAYMARK_BIN;
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";
const insecure = { execute: [client.allowInsecureRequests] };

const provider = await startProvider();
const probe = createServer();
await new Promise((resolve) => probe.listen(0, "127.0.0.1", resolve));
const { port } = probe.address();
await new Promise((resolve) => probe.close(resolve));
const url = `http://127.0.0.1:${port}`;
const env = {
  ...process.env,
  DATABASE_URL: `sqlite:${directory}/waymark.db`,
  WAYMARK_LISTEN: `127.0.0.1:${port}`,
  WAYMARK_PUBLIC_URL: url,
  WAYMARK_OUTBOUND_ALLOW: provider.issuer,
};
const server = spawn(program, ["serve", "--ready-file", `${directory}/ready`], { env, stdio: ["ignore", "ignore", "pipe"] });
let log = "";
server.stderr.on("data", (text) => (log += text));

async function ready() {
  for (let tries = 0; tries < 600; tries += 1) {
    if (server.exitCode !== null) throw new Error("the service ended before it served");
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the service is not ready");
}

const run = (...words) => execFileSync(program, words, { env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();

async function api(token, method, path, body) {
  const headers = { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) };
  const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text && JSON.parse(text) };
}

async function expect(status, answer) {
  const { status: got, body } = await answer;
  assert.equal(got, status, JSON.stringify(body));
  return body;
}

async function idToken(login) {
  const config = await client.discovery(new URL(provider.issuer), "phone", undefined, client.None(), insecure);
  const verifier = client.randomPKCECodeVerifier();
  const asked = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: "openid",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const back = await signIn(asked.href, login);
  const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier });
  return tokens.id_token;
}

async function phone(app, administrator) {
  const config = await client.discovery(new URL(url), app, undefined, client.None(), { ...insecure, algorithm: "oauth2" });
  assert.equal(config.serverMetadata().issuer, url);
  const learner = await client.genericGrantRequest(config, EXCHANGE, { subject_token: await idToken("anna"), subject_token_type: ID_TOKEN });
  assert.equal(learner.scope, "lessons:read attempts:read attempts:write");
  await expect(200, api(learner.access_token, "GET", "/v1/lessons"));
  const [known] = (await expect(200, api(administrator, "GET", `/v1/learners?system=${encodeURIComponent(provider.issuer)}`))).items;
  assert.deepEqual(known.identities, [{ system: provider.issuer, id: "anna" }]);

  const next = await client.refreshTokenGrant(config, learner.refresh_token);
  assert.notEqual(next.refresh_token, learner.refresh_token);
  await expect(200, api(next.access_token, "GET", "/v1/attempts"));
  await client.tokenRevocation(config, next.refresh_token);
  await expect(401, api(next.access_token, "GET", "/v1/attempts"));
  await assert.rejects(client.refreshTokenGrant(config, next.refresh_token), { error: "invalid_grant" });

  const teacher = await client.genericGrantRequest(config, EXCHANGE, { subject_token: await idToken("teacher"), subject_token_type: ID_TOKEN });
  assert.equal(teacher.scope, "reviews:write");
  await assert.rejects(
    client.genericGrantRequest(config, EXCHANGE, { subject_token: "x.y.z", subject_token_type: ID_TOKEN }),
    { error: "invalid_grant" },
  );
}

async function service(id, secret, pair, kid) {
  const ways = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret), client.PrivateKeyJwt({ key: pair.privateKey, kid })];
  for (const way of ways) {
    const config = await client.discovery(new URL(url), id, undefined, way, { ...insecure, algorithm: "oauth2" });
    const tokens = await client.clientCredentialsGrant(config, { scope: "lessons:read" });
    await expect(200, api(tokens.access_token, "GET", "/v1/lessons"));
    const looked = await client.tokenIntrospection(config, tokens.access_token);
    assert.deepEqual([looked.active, looked.client_id, looked.scope], [true, id, "lessons:read"]);
    await client.tokenRevocation(config, tokens.access_token);
    assert.deepEqual(await client.tokenIntrospection(config, tokens.access_token), { active: false });
    await expect(401, api(tokens.access_token, "GET", "/v1/lessons"));
    const person = await client.genericGrantRequest(config, EXCHANGE, {
      subject_token: JSON.stringify({ id: "42" }),
      subject_token_type: "urn:waymark:token-type:learner-identity",
    });
    await expect(200, api(person.access_token, "GET", "/v1/attempts"));
  }
}

/// The same by the other library, which also holds our tokens against RFC 9068.
async function lowLevel(id, pair, kid) {
  const allow = { [low.allowInsecureRequests]: true };
  const found = await low.discoveryRequest(new URL(url), { algorithm: "oauth2", ...allow });
  const as = await low.processDiscoveryResponse(new URL(url), found);
  const proof = low.PrivateKeyJwt({ key: pair.privateKey, kid });
  const answer = await low.clientCredentialsGrantRequest(as, { client_id: id }, proof, new URLSearchParams({ scope: "lessons:read" }), allow);
  const tokens = await low.processClientCredentialsResponse(as, { client_id: id }, answer);
  const request = new Request(`${url}/v1/lessons`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  const claims = await low.validateJwtAccessToken(as, request, url, allow);
  assert.deepEqual([claims.client_id, claims.scope, claims.iss], [id, "lessons:read", url]);
  const taken = await low.revocationRequest(as, { client_id: id }, low.PrivateKeyJwt({ key: pair.privateKey, kid }), tokens.access_token, allow);
  await low.processRevocationResponse(taken);
  const looked = await low.introspectionRequest(as, { client_id: id }, low.PrivateKeyJwt({ key: pair.privateKey, kid }), tokens.access_token, allow);
  assert.deepEqual(await low.processIntrospectionResponse(as, { client_id: id }, looked), { active: false });
}

let failed;
try {
  await ready();
  const administrator = run("token", "--scopes", administration());
  const app = /client_id\s+(\S+)/.exec(run("client", "create", "phone", "--public", "--scopes", "lessons:read attempts:read attempts:write reviews:write"))[1];
  await expect(201, api(administrator, "PUT", `/v1/issuers/${randomUUID()}`, {
    issuer: provider.issuer,
    audience: "phone",
    roles: [
      { claim: "roles", value: "teacher", role: "staff", scopes: ["reviews:write"] },
      { role: "learner", scopes: ["lessons:read", "attempts:read", "attempts:write"] },
    ],
  }));
  await phone(app, administrator);
  // These libraries write Ed25519's algorithm by its newer name (RFC 9864), which is not read here yet.
  const kinds = [[{ name: "ECDSA", namedCurve: "P-256" }, "ES256"],
    [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }, "RS256"]];
  for (const [kind, alg] of kinds) {
    const pair = await crypto.subtle.generateKey(kind, true, ["sign", "verify"]);
    const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey("jwk", pair.publicKey);
    const key = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, alg, use: "sig", kid: alg }));
    const id = randomUUID();
    const scopes = ["lessons:read", "attempts:read", "tokens:issue", "learners:write"];
    const made = await expect(201, api(administrator, "PUT", `/v1/clients/${id}`, { name: `a service, ${alg}`, scopes, jwks: { keys: [key] } }));
    await service(id, made.client_secret, pair, alg);
    await lowLevel(id, pair, alg);
  }
  console.log("script/oauth: sign-in, exchange, refresh, sign-out, three ways to prove a client, introspection, revocation, RFC 9068: right");
} catch (error) {
  failed = error;
} finally {
  server.kill("SIGTERM");
  if (server.exitCode === null) await once(server, "exit");
  provider.close();
}
if (failed) {
  console.error(log.split("\n").slice(-30).join("\n"));
  console.error(failed);
  process.exit(1);
}
process.exit(0);

function administration() {
  return "clients:admin learners:read learners:write lessons:read attempts:read attempts:write reviews:write tokens:issue";
}
