// Asks a server by the openai client, which knows nothing of Orca but an address.
// Prints one JSON object: { models, chat, chatStream, completion, completionStream, several, errors }.
//
//   node openai.mjs http://HOST:PORT/v1 "a question"

import OpenAI from "openai";

const [baseURL, question] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: process.env.ORCA_API_KEY ?? "none", maxRetries: 0 });
const messages = [{ role: "user", content: question }];

async function gather(stream, textOf) {
  const texts = [];
  let reason = null;
  let usage = null;
  for await (const chunk of stream) {
    const choice = chunk.choices[0];
    if (choice) {
      texts.push(textOf(choice));
      reason = choice.finish_reason ?? reason;
    }
    usage = chunk.usage ?? usage;
  }
  return { text: texts.join(""), chunks: texts.length, reason, usage };
}

async function refusal(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return { name: error.constructor.name, status: error.status, code: error.code, param: error.param };
  }
}

const models = [];
for await (const model of client.models.list()) {
  models.push(model.id);
}

const chat = await client.chat.completions.create({ model: "student", messages, temperature: 0 });
const chatStream = await gather(
  await client.chat.completions.create({ model: "student", messages, temperature: 0, stream: true, stream_options: { include_usage: true } }),
  (choice) => choice.delta.content ?? "");
const completion = await client.completions.create({ model: "student", prompt: "", temperature: 0, max_tokens: 100 });
const completionStream = await gather(
  await client.completions.create({ model: "student", prompt: "", temperature: 0, max_tokens: 100, stream: true }),
  (choice) => choice.text);
const several = await client.completions.create({ model: "student", prompt: ["", "H"], n: 2, temperature: 0, max_tokens: 100 });

console.log(JSON.stringify({
  models,
  chat: { text: chat.choices[0].message.content, reason: chat.choices[0].finish_reason, usage: chat.usage },
  chatStream,
  completion: completion.choices[0].text,
  completionStream,
  several: several.choices.map(({ index, text }) => ({ index, text })),
  errors: {
    temperature: await refusal(() => client.chat.completions.create({ model: "student", messages, temperature: -1 })),
    model: await refusal(() => client.chat.completions.create({ model: "gpt-4o", messages })),
    key: await refusal(() => new OpenAI({ baseURL, apiKey: "wrong", maxRetries: 0 }).models.list()),
  },
}));
process.exit(0);
