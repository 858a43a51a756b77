// The smallest program on the generated client; tsc compiles it under its strict rules, nobody runs it.
import createClient from "openapi-fetch";
import type { paths } from "./clients/typescript/waymark.js";

export const client = createClient<paths>({ baseUrl: "http://127.0.0.1:8080" });
