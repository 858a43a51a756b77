// What the tests share: tokens of the server that runs beside them, and a network that breaks.

import { execFileSync } from "node:child_process";
import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import type { Answer, Drawn, Quiz } from "@waymark/sdk";

export const LESSON = "safety-classifiers-and-refusals";
export const COURSE = "reading-refusals";

const needed = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}; script/sdk does`);
  return value;
};

export const serviceUrl = (): string => needed("WAYMARK_URL");

const waymark = (...args: string[]) => execFileSync(needed("WAYMARK_BIN"), args, { encoding: "utf8" }).trim();

export const learnerToken = (learner: string, scopes = "lessons:read attempts:read attempts:write records:read"): string =>
  waymark("token", "--scopes", scopes, "--learner", learner);

export const clientToken = (scopes: string): string => waymark("token", "--scopes", scopes);

export function newClient(scopes: string): { clientId: string; clientSecret: string } {
  const said = waymark("client", "create", "SDK test", "--scopes", scopes);
  const field = (name: string) => new RegExp(`${name}\\s+(\\S+)`).exec(said)?.[1] ?? "";
  return { clientId: field("client_id"), clientSecret: field("client_secret") };
}

/** The same numbers for the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A TCP proxy before the service. It cuts connections: before a request arrives, before its answer does, and in its middle. */
export class BadNetwork {
  /** How likely each piece of data is the last of its connection. */
  cutting = 0;
  /** Nothing gets through. */
  down = false;
  cuts = 0;
  url = "";
  readonly #open = new Set<Socket>();
  readonly #server = createServer((client) => this.#serve(client));

  constructor(
    readonly target: string,
    readonly random: () => number,
  ) {}

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  goDown(): void {
    this.down = true;
    for (const socket of this.#open) socket.destroy();
  }

  #serve(client: Socket): void {
    client.on("error", () => undefined);
    if (this.down) return void client.destroy();
    const { hostname, port } = new URL(this.target);
    const server = connect(Number(port), hostname);
    server.on("error", () => client.destroy());
    const both: [Socket, Socket][] = [
      [client, server],
      [server, client],
    ];
    for (const [from, to] of both) {
      this.#open.add(from);
      from.on("data", (data) => {
        if (this.random() >= this.cutting) return void to.write(data);
        this.cuts += 1;
        // Some of it, all of it or nothing arrives; then the line is dead.
        to.write(data.subarray(0, Math.floor(this.random() * 2 * data.length)));
        client.destroy();
        server.end();
      });
      from.on("close", () => {
        this.#open.delete(from);
        to.end();
      });
    }
  }
}

/** Some answer to a drawn item, `n` telling which. */
export function someAnswer(quiz: Quiz, drawn: Drawn, n: number): Answer {
  const item = quiz.items.find(({ id }) => id === drawn.item);
  const option = drawn.options[n % Math.max(1, drawn.options.length)] ?? "";
  switch (item?.kind) {
    case "single_choice":
      return { kind: "single_choice", option };
    case "multiple_response":
      return { kind: "multiple_response", options: [option] };
    case "ordering":
      return { kind: "ordering", options: n % 2 ? drawn.options : drawn.options.toReversed() };
    case "matching":
      return { kind: "matching", pairs: (item.prompts ?? []).map(({ id }) => ({ prompt: id, choice: option })) };
    case "short_text":
      return { kind: "short_text", text: `answer ${n}` };
    case "numeric":
      return { kind: "numeric", value: n };
    default: {
      const fields = Object.keys(JSON.parse(item?.evidence[item.shown ?? 0]?.content ?? "{}") as object);
      return { kind: "point_at_field", pointer: `/${fields[n % fields.length]}` };
    }
  }
}
