// What a front end writes with each of the generated clients: every union is told apart by its tag, under tsc's strict rules.

import type * as Axios from "../clients/all/axios/api.js";
import type * as Hey from "../clients/all/hey/types.gen.js";
import type * as Orval from "../clients/all/orval/waymark.js";

/** Every type of block in words: the switch must know them all, or this does not compile. */
export function plain(block: Axios.Block | Hey.Block | Orval.Block): string {
  switch (block.type) {
    case "heading":
    case "text":
    case "callout":
      return block.text.text;
    case "table":
      return block.rows.flat().map((cell) => cell.text).join(" ");
    case "evidence":
      return block.content;
    case "steps":
      return block.steps.map((step) => step.text).join(" ");
    case "image":
      return block.alt.text;
  }
}

const answer = { kind: "single_choice", option: "a" } as const;
export const answers: [Axios.ItemResponse, Hey.ItemResponse, Orval.ItemResponse] = [answer, answer, answer];
/** A layer of tomorrow is a string like those of today. */
export const diagnoses: [Axios.Diagnosis, Hey.Diagnosis, Orval.Diagnosis] = [{ layer: "new" }, { layer: "new" }, { layer: "new" }];
