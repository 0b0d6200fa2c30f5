// An OpenID provider on loopback: oidc-provider (certified) behind TLS, with keys of every algorithm, and a control port through which a test
// rotates them, spoils what the JWKS shows, and signs tokens that no good provider would.
//
// Environment: OIDC_PACKAGES (folder of node_modules), OIDC_CERTIFICATE and OIDC_KEY (PEM files, for localhost). Prints one line of JSON:
// {"issuer": "https://localhost:PORT", "control": "http://127.0.0.1:PORT"}.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const { createRequire } = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const packages = createRequire(path.join(process.env.OIDC_PACKAGES, 'index.js'));
const jose = packages('jose');

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLIENT = { id: 'ci', secret: 'a-secret-of-the-ci-client' };

const state = { generation: 0, keys: [], requests: {}, extraKeys: [], hiddenKeys: [], down: false };

// A key pair of `alg`; its id tells which round of keys it is of.
async function makeKey(alg, kid) {
  const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  return { ...(await jose.exportJWK(privateKey)), kid, alg, use: 'sig' };
}

async function makeKeys() {
  state.generation += 1;
  return Promise.all(ALGORITHMS.map((alg) => makeKey(alg, `${alg}-${state.generation}`)));
}

// `urn:portcullis:<alg>` as the resource asks for an access token signed with that algorithm.
function resourceServer(_context, resource) {
  const alg = resource.split(':').pop();
  return { scope: 'registry', audience: 'registry.example.com', accessTokenTTL: 600, accessTokenFormat: 'jwt', jwt: { sign: { alg } } };
}

async function makeProvider(issuer) {
  const { default: Provider } = await import(pathToFileURL(packages.resolve('oidc-provider')).href);
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
    jwks: { keys: state.keys },
    scopes: ['registry'],
    enabledJWA: { idTokenSigningAlgValues: ALGORITHMS, userinfoSigningAlgValues: ALGORITHMS, introspectionSigningAlgValues: ALGORITHMS },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: true, defaultResource: () => 'urn:portcullis:RS256', getResourceServerInfo: resourceServer },
    },
    extraTokenClaims: () => ({ groups: ['builders'] }),
  });
  provider.use(async (context, next) => {
    state.requests[context.path] = (state.requests[context.path] || 0) + 1;
    if (state.down) { context.status = 503; return; }
    await next();
    if (context.path !== '/jwks') return;
    const shown = context.body.keys.filter((key) => !state.hiddenKeys.includes(key.kid));
    context.body = { keys: [...state.extraKeys, ...shown] };
  });
  return provider.callback();
}

// {"header": {…}, "payload": {…}, "key": "current" | "stranger" | "secret"}: a token with exactly this header and payload.
async function mint({ header, payload, key = 'current', secret }) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  if (header.alg === 'none') return `${encode(header)}.${encode(payload)}.`;
  if (key === 'secret') return new jose.SignJWT(payload).setProtectedHeader(header).sign(Buffer.from(secret));
  const jwk = key === 'stranger' ? await makeKey(header.alg, 'stranger') : state.keys.find((one) => one.alg === header.alg);
  return new jose.SignJWT(payload).setProtectedHeader(header).sign(await jose.importJWK(jwk, header.alg));
}

async function main() {
  state.keys = await makeKeys();
  let answer = (_request, response) => response.writeHead(503).end();
  const front = https.createServer({ cert: fs.readFileSync(process.env.OIDC_CERTIFICATE), key: fs.readFileSync(process.env.OIDC_KEY) },
    (request, response) => answer(request, response));
  await new Promise((done) => { front.listen(0, '127.0.0.1', done); });
  const issuer = `https://localhost:${front.address().port}`;
  answer = await makeProvider(issuer);

  const commands = {
    mint: async (given) => ({ token: await mint(given) }),
    // New keys sign from now on; the JWKS shows them, and the old ones where `keep` says so.
    rotate: async ({ keep = false }) => {
      const old = keep ? state.keys : [];
      state.keys = [...await makeKeys(), ...old];
      answer = await makeProvider(issuer);
      return { keys: state.keys.map((key) => key.kid) };
    },
    // `extra`: JWKs shown before the real ones, whatever they are; `hidden`: ids of real ones that are not shown; `down`: 503 to everybody.
    show: async ({ extra, hidden, down }) => {
      if (extra) state.extraKeys = extra;
      if (hidden) state.hiddenKeys = hidden;
      if (down !== undefined) state.down = down;
      return {};
    },
    keys: async () => ({ keys: state.keys.map(({ kty, crv, n, e, x, y, kid, alg, use }) => ({ kty, crv, n, e, x, y, kid, alg, use })) }),
    requests: async () => state.requests,
  };
  const control = http.createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => { body += piece; });
    request.on('end', async () => {
      try {
        const given = await commands[request.url.slice(1)](JSON.parse(body || '{}'));
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(given));
      } catch (error) {
        response.writeHead(500).end(String(error.stack));
      }
    });
  });
  await new Promise((done) => { control.listen(0, '127.0.0.1', done); });
  console.log(JSON.stringify({ issuer, control: `http://127.0.0.1:${control.address().port}` }));
}

main();
