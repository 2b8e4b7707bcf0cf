// Asks a server for objects by the helpers of three clients, each of which checks what comes against its own schema.
// Prints one JSON object: { openai, ai, langchain }, each with the objects by their schemas' names.
//
//   node structured.mjs http://HOST:PORT/v1

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI } from "@langchain/openai";
import { generateObject } from "ai";
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";

const [baseURL] = process.argv.slice(2);
const apiKey = "none";
const maxTokens = 1900;
const question = "Describe a pet.";

// Greedy students of a few weights do not end a text of themselves: every text has a longest length.
const schemas = {
  literal: z.object({ kind: z.literal("cat") }),
  integer: z.object({ age: z.int(), legs: z.int().min(0).max(4) }),
  nullable: z.object({ color: z.enum(["red", "blue"]).nullable(), name: z.string().max(3).nullable() }),
  union: z.object({ pet: z.discriminatedUnion("kind", [z.object({ kind: z.literal("cat"), lives: z.int().max(9) }), z.object({ kind: z.literal("dog") })]) }),
  list: z.object({ tags: z.array(z.enum(["x", "y"])).min(1).max(2), weight: z.number().min(0).max(99) }),
  formats: z.object({ id: z.uuid(), code: z.string().regex(/^[a-z]{2}-\d{3}$/) }),
};

async function each(ask) {
  const answers = {};
  for (const [name, schema] of Object.entries(schemas)) {
    try {
      answers[name] = schema.parse(await ask(schema, name));
    } catch (error) {
      throw new Error(`${name}: ${error.message} ${error.responseBody ?? error.text ?? ""}`);
    }
  }
  return answers;
}

const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const provider = createOpenAICompatible({ name: "orca", baseURL, apiKey, supportsStructuredOutputs: true });
const chat = new ChatOpenAI({ model: "student", apiKey, configuration: { baseURL }, maxRetries: 0, maxTokens, temperature: 0 });

console.log(JSON.stringify({
  openai: await each(async (schema, name) => (await client.chat.completions.parse({
    model: "student",
    messages: [{ role: "user", content: question }],
    response_format: zodResponseFormat(schema, name),
    max_tokens: maxTokens,
    temperature: 0,
  })).choices[0].message.parsed),
  ai: await each(async (schema) => (await generateObject({
    model: provider("student"), schema, prompt: question, maxRetries: 0, maxOutputTokens: maxTokens, temperature: 0,
  })).object),
  langchain: await each((schema) => chat.withStructuredOutput(schema, { method: "jsonSchema" }).invoke(question)),
}));
process.exit(0);
