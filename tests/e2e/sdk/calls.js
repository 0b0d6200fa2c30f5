// Makes calls with the AWS SDK for JavaScript as a program would: credentials, region and endpoints come from the environment and the shared files, by
// the SDK's own chain. Reads `[{"service":"sts","command":"GetCallerIdentityCommand","input":{…}}]` from standard input and writes a list of
// `{"value":{…}}` or `{"error":{"name":…,"message":…,"status":…}}`. SDK_FOLDER is where node_modules is.
"use strict";

const { createRequire } = require("node:module");
const path = require("node:path");

const load = createRequire(path.join(process.env.SDK_FOLDER, "package.json"));
const services = {
  secretsmanager: ["@aws-sdk/client-secrets-manager", "SecretsManagerClient"],
  sts: ["@aws-sdk/client-sts", "STSClient"],
  ecr: ["@aws-sdk/client-ecr", "ECRClient"],
};

// One client a service, as a program keeps it: clock skew and credentials are remembered between calls.
const clients = new Map();

async function call({ service, command, input }) {
  const [name, client] = services[service];
  const sdk = load(name);
  if (!clients.has(service)) clients.set(service, new sdk[client]({}));
  try {
    const { $metadata, ...value } = await clients.get(service).send(new sdk[command](input ?? {}));
    return { value, attempts: $metadata.attempts };
  } catch (error) {
    return { error: { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode } };
  }
}

async function main() {
  let text = "";
  for await (const piece of process.stdin) text += piece;
  const answers = [];
  for (const wanted of JSON.parse(text)) answers.push(await call(wanted));
  process.stdout.write(JSON.stringify(answers) + "\n");
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
