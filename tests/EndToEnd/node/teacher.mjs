// Asks a simulated teacher by the openai client, which knows nothing of Orca but an address and a key: chat, events, refusals, retries
// and a batch from file to answers.
// Prints one JSON object: { models, chat, chatStream, errors, afterPause, batch }.
//
//   ORCA_API_KEY=KEY node teacher.mjs http://HOST:PORT/v1 MODEL "a question" "a question of which the first two attempts are throttled"

import OpenAI, { toFile } from "openai";

const [baseURL, model, question, throttled] = process.argv.slice(2);
const settings = { baseURL, apiKey: process.env.ORCA_API_KEY };
const client = new OpenAI({ ...settings, maxRetries: 0 });
const messagesOf = (content) => [{ role: "system", content: "You explain." }, { role: "user", content }];

async function refusal(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return { name: error.constructor.name, status: error.status, code: error.code };
  }
}

const models = [];
for await (const one of client.models.list()) {
  models.push(one.id);
}

const { data: chat, response } = await client.chat.completions.create({ model, messages: messagesOf(question) }).withResponse();
let streamed = "";
let usage = null;
const stream = await client.chat.completions.create(
  { model, messages: messagesOf(question), stream: true, stream_options: { include_usage: true } });
for await (const chunk of stream) {
  streamed += chunk.choices[0]?.delta?.content ?? "";
  usage = chunk.usage ?? usage;
}

const errors = {
  key: await refusal(() => new OpenAI({ ...settings, apiKey: "wrong", maxRetries: 0 }).models.list()),
  model: await refusal(() => client.chat.completions.create({ model: "gpt-4o", messages: messagesOf(question) })),
  throttled: await refusal(() => client.chat.completions.create({ model, messages: messagesOf(throttled) })),
};
const afterPause = await new OpenAI({ ...settings, maxRetries: 3 }).chat.completions.create({ model, messages: messagesOf(throttled) });

const endpoint = "/v1/chat/completions";
const line = (id, content) => JSON.stringify({ custom_id: id, method: "POST", url: endpoint, body: { model, messages: messagesOf(content) } });
const requests = Buffer.from(`${line("a", question)}\n${line("b", "?")}\n`);
const file = await client.files.create({ purpose: "batch", file: await toFile(requests, "requests.jsonl") });
let batch = await client.batches.create({ input_file_id: file.id, endpoint, completion_window: "24h", metadata: { mine: "1" } });
while (!["completed", "failed", "cancelled", "expired"].includes(batch.status)) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  batch = await client.batches.retrieve(batch.id);
}

const answers = (await (await client.files.content(batch.output_file_id)).text()).trim().split("\n").map((text) => JSON.parse(text));
const listed = [];
for await (const one of client.batches.list()) {
  listed.push(one.id);
}

console.log(JSON.stringify({
  models,
  chat: { text: chat.choices[0].message.content, reason: chat.choices[0].finish_reason, usage: chat.usage },
  remaining: response.headers.get("x-ratelimit-remaining-requests"),
  chatStream: { text: streamed, usage },
  errors,
  afterPause: afterPause.choices[0].message.content,
  batch: {
    status: batch.status,
    counts: batch.request_counts,
    metadata: batch.metadata,
    bytes: (await client.files.retrieve(file.id)).bytes,
    answers: answers.map(({ custom_id, response }) => ({ id: custom_id, text: response.body.choices[0].message.content })),
    isListed: listed.includes(batch.id),
  },
}));
