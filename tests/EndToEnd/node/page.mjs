// Asks a server as scripts of pages in a browser do: each request names its page's origin, and one that is not simple is asked for
// first (preflight). Node's own fetch sends an origin as it is told; what a browser would keep from its page is told as "blocked".
// Prints one JSON object: for each origin { models, simple, chat, stream, headers }, and what a false host name gets.
//
//   node page.mjs http://HOST:PORT/v1 ORIGIN…

import http from "node:http";
import OpenAI from "openai";

const [baseURL, ...origins] = process.argv.slice(2);

function fetchOf(origin) {
  return async (url, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set("origin", origin);
    const unsafe = [...headers.keys()].filter((name) => !["origin", "accept", "accept-language", "content-language"].includes(name));
    if (unsafe.length > 0) {
      const asked = { origin, "access-control-request-method": init.method ?? "GET", "access-control-request-headers": unsafe.join(",") };
      const preflight = await fetch(url, { method: "OPTIONS", headers: asked });
      const allowed = (preflight.headers.get("access-control-allow-headers") ?? "").toLowerCase().split(/\s*,\s*/);
      if (!preflight.ok || !permits(preflight, origin) || !unsafe.every((name) => allowed.includes(name))) {
        throw new TypeError("blocked");
      }
    }
    const response = await fetch(url, { ...init, headers });
    if (!permits(response, origin)) {
      throw new TypeError("blocked");
    }
    return response;
  };
}

function permits(response, origin) {
  return ["*", origin].includes(response.headers.get("access-control-allow-origin"));
}

async function attempt(call) {
  try {
    return await call();
  } catch (error) {
    return error.cause?.message ?? error.message;
  }
}

async function told(origin) {
  const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0, fetch: fetchOf(origin), dangerouslyAllowBrowser: true });
  const question = { model: "student", messages: [{ role: "user", content: "?" }], temperature: 0 };
  return {
    models: await attempt(async () => (await client.models.list()).data.length),
    // A form can send this without asking.
    simple: (await fetch(baseURL + "/chat/completions", { method: "POST", headers: { origin, "content-type": "text/plain" }, body: JSON.stringify(question) })).status,
    chat: await attempt(async () => (await client.chat.completions.create(question)).choices[0].message.content),
    stream: await attempt(async () => {
      let text = "";
      for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) {
        text += chunk.choices[0]?.delta.content ?? "";
      }
      return text;
    }),
    headers: await attempt(async () => (await fetchOf(origin)(baseURL + "/models")).headers.get("access-control-expose-headers")),
  };
}

// Node's fetch keeps the host to itself.
function statusAt(host) {
  return new Promise((resolve, reject) => {
    http.get(baseURL + "/models", { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

const pages = {};
for (const origin of origins) {
  pages[origin] = await told(origin);
}

console.log(JSON.stringify({ pages, falseHost: await statusAt("page.example"), ownHost: await statusAt("localhost") }));
process.exit(0);
