// What a front end has to know about the kinds of items: an answer of each, and each answer in words. Copy it, and put your
// screens in the place of the fixed choices. Tables and switches here must know every kind, or they do not compile.

import type { components } from "../tools/clients/typescript/waymark.js";

export type Answer = components["schemas"]["ItemResponse"];
type Item = components["schemas"]["QuizItem"];
type Drawn = components["schemas"]["Drawn"];

type Screens = { [Kind in Answer["kind"]]: (item: Item, drawn: Drawn) => Extract<Answer, { kind: Kind }> };

const screens: Screens = {
  single_choice: (_, { options }) => ({ kind: "single_choice", option: options[0] ?? "" }),
  multiple_response: (_, { options }) => ({ kind: "multiple_response", options: options.slice(0, 2) }),
  ordering: (_, { options }) => ({ kind: "ordering", options }),
  matching: ({ prompts }, { options }) => {
    const pairs = (prompts ?? []).map(({ id }, n) => ({ prompt: id, choice: options[n % options.length] ?? "" }));
    return { kind: "matching", pairs };
  },
  short_text: () => ({ kind: "short_text", text: "content_filter" }),
  numeric: () => ({ kind: "numeric", value: 4 }),
  point_at_field: ({ evidence, shown }) => {
    const body: unknown = JSON.parse(evidence[shown ?? 0]?.content ?? "{}");
    return { kind: "point_at_field", pointer: pointers(body).at(-1) ?? "" };
  },
};

/** Some answer to a drawn item, as if a learner had given it. */
export function someAnswer(item: Item, drawn: Drawn): Answer {
  const { kind } = item;
  if (!isKnown(kind)) throw new Error(`this app cannot show items of the kind ${kind}`);
  return screens[kind](item, drawn);
}

const isKnown = (kind: string): kind is Answer["kind"] => Object.hasOwn(screens, kind);

/** The JSON pointers (RFC 6901) to all members of a body: the fields that a learner can tap. */
function pointers(body: unknown, at = ""): string[] {
  if (typeof body !== "object" || body === null) return [];
  return Object.entries(body).flatMap(([name, value]) => {
    const pointer = `${at}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    return [pointer, ...pointers(value, pointer)];
  });
}

/** An answer as its learner would read it, line by line. */
export function inWords({ options, prompts, unit }: Item, answer: Answer): string[] {
  const text = (list: Item["options"], id: string) => list.find((one) => one.id === id)?.text.text ?? id;
  switch (answer.kind) {
    case "single_choice":
      return [text(options, answer.option)];
    case "multiple_response":
      return answer.options.map((id) => text(options, id));
    case "ordering":
      return answer.options.map((id, n) => `${n + 1}. ${text(options, id)}`);
    case "matching":
      return answer.pairs.map(({ prompt, choice }) => `${text(prompts ?? [], prompt)} -> ${text(options, choice)}`);
    case "short_text":
      return [answer.text];
    case "numeric":
      return [`${answer.value} ${unit ?? ""}`.trim()];
    case "point_at_field":
      return [answer.pointer];
  }
}

/** What an answer is made of, as rationales name it: ids of options or prompts, or the answer itself. */
export function partsOf(answer: Answer): string[] {
  switch (answer.kind) {
    case "single_choice":
      return [answer.option];
    case "multiple_response":
    case "ordering":
      return answer.options;
    case "matching":
      return answer.pairs.map(({ prompt }) => prompt);
    case "short_text":
      return [answer.text];
    case "numeric":
      return [String(answer.value)];
    case "point_at_field":
      return [answer.pointer];
  }
}
