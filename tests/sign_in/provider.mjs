// An identity provider on a free port of this machine, and a person who signs in there with a browser: PKCE, log-in page, consent.
import { createServer } from "node:http";
import Provider from "oidc-provider";

export const CALLBACK = "http://127.0.0.1/callback";

export async function startProvider() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "phone", token_endpoint_auth_method: "none", application_type: "native", redirect_uris: [CALLBACK],
      grant_types: ["authorization_code"], response_types: ["code"] }],
    claims: { openid: ["sub", "roles"] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, roles: id === "teacher" ? ["teacher"] : ["student"] }) }),
    cookies: { keys: ["a key for this run"] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  });
  server.on("request", provider.callback());
  return { issuer, close: () => server.close() };
}

/// What a browser does with the URL of an authorization request: the address to which it is sent back.
export async function signIn(url, login) {
  const cookies = new Map();
  const go = async (where, form) => {
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
    const body = form && new URLSearchParams(form);
    const answer = await fetch(where, { method: form ? "POST" : "GET", redirect: "manual", headers, body });
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(";", 1)[0].split("=");
      cookies.set(name, value);
    }
    return { text: await answer.text(), next: answer.headers.get("location") && new URL(answer.headers.get("location"), where).href };
  };
  let at = url;
  for (let steps = 0; steps < 20; steps += 1) {
    if (at.startsWith(CALLBACK)) return new URL(at);
    const page = await go(at);
    if (page.next) {
      at = page.next;
      continue;
    }
    const prompt = /name="prompt" value="(\w+)"/.exec(page.text)?.[1];
    if (!prompt) throw new Error(`no form at ${at}: ${page.text.slice(0, 500)}`);
    const form = prompt === "login" ? { prompt, login, password: "any" } : { prompt };
    at = (await go(at, form)).next;
  }
  throw new Error("the sign-in does not end");
}
