// Has a mock server of another house teach: starts it with faults at given rates, runs a command with its address, and stops it.
// Prints one JSON object: { code, output, calls } where calls counts the server's answers by status and injected fault.
//
//   node mock.mjs '{"dropRate":0.1}' "the answer" PROGRAM ARGUMENTS...      ({url} in an argument is the server's address)

import { spawn } from "node:child_process";
import { LLMock } from "@copilotkit/aimock";

const [faults, content, program, ...rest] = process.argv.slice(2);
const mock = new LLMock({ port: 0, chaos: JSON.parse(faults) });
mock.onMessage(/./, { content, finishReason: "stop" });
await mock.start();

const child = spawn(program, rest.map((argument) => argument.replace("{url}", `${mock.url}/v1`)));
let output = "";
for (const stream of [child.stdout, child.stderr]) {
  stream.on("data", (chunk) => (output += chunk));
}

const code = await new Promise((resolve) => child.on("close", resolve));
const calls = {};
for (const { response } of mock.getRequests()) {
  const kind = response.chaosAction ?? String(response.status);
  calls[kind] = (calls[kind] ?? 0) + 1;
}

await mock.stop();
console.log(JSON.stringify({ code, output, calls }));
