// Renders chat templates by @huggingface/jinja.
// Reads a JSON list of { template, variables } from a file; prints a list of { text } or { error }.
//
//   node templates.mjs FILE

import { readFileSync } from "node:fs";
import { Template } from "@huggingface/jinja";

const render = ({ template, variables }) => {
  try {
    return { text: new Template(template).render(variables) };
  } catch (error) {
    return { error: error.message };
  }
};

console.log(JSON.stringify(JSON.parse(readFileSync(process.argv[2], "utf8")).map(render)));
