// Lists a server's services and streams an answer, knowing nothing but its address: all else comes by server reflection.
// Prints one JSON object: { services, versions, accepted, deltas, finished }.
//
//   node client.mjs HOST:PORT "a question"

import * as grpc from "@grpc/grpc-js";
import { GrpcReflection } from "grpc-js-reflection-client";

const [address, question] = process.argv.slice(2);
const credentials = grpc.credentials.createInsecure();
const reflection = new GrpcReflection(address, credentials);

async function connect(service) {
  const descriptor = await reflection.getDescriptorBySymbol(service);
  const types = descriptor.getPackageObject({ keepCase: true, longs: String, enums: String, oneofs: true });
  const Client = service.split(".").reduce((scope, name) => scope[name], types);
  return new Client(address, credentials);
}

function collect(call) {
  return new Promise((resolve, reject) => {
    const messages = [];
    call.on("data", (message) => messages.push(message));
    call.on("end", () => resolve(messages));
    call.on("error", reject);
  });
}

const services = await reflection.listServices();

const model = await connect("orca.model.v1.ModelService");
const versions = await new Promise((resolve, reject) =>
  model.ListModelVersions({}, (error, response) => (error ? reject(error) : resolve(response.model_versions))));

const inference = await connect("orca.inference.v1.InferenceService");
const events = await collect(inference.StreamGenerate({
  spec: { chat: { user_message: question }, sampling: { temperature: 0 }, stopping: { max_tokens: 40 } },
}));

console.log(JSON.stringify({
  services,
  versions: versions.map((version) => ({ version: version.version, state: version.state })),
  accepted: events[0].accepted,
  deltas: events.filter((event) => event.event === "delta").map((event) => event.delta.text),
  finished: events.at(-1).finished,
}));
process.exit(0);
