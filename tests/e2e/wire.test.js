// What the upstream receives through the gateway is what it would receive direct, byte for byte.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import test from 'node:test';

import { Gateway } from './support/gateway.js';
import { Replay, events, json } from './support/replay.js';
import { Clients } from './support/scene.js';

const question = {
  model: 'glm-4.7',
  max_tokens: 16,
  messages: [{ role: 'user', content: 'Well? „ß“ 租约 🗝 \u0000\u001f\u2028' }],
};

const usage = { input_tokens: 1, output_tokens: 1 };

const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'glm-4.7',
  content: [],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage,
};

const stream = [
  { type: 'message_start', message: { ...message, stop_reason: null } },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
  { type: 'message_stop' },
];

const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1785369600,
  model: 'glm-4.7',
  choices: [{ index: 0, message: { role: 'assistant', content: '' }, finish_reason: 'stop' }],
};

// Those that belong to the hop, and the coding of the answer, which the gateway reads.
const mayDiffer = /^(host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|accept-encoding)$/i;

// Names are compared in their case and order too. The length is written anew by each hop, which
// shows in its case only.
function kept(request) {
  const headers = request.headers
    .filter(([name]) => !mayDiffer.test(name))
    .map(([name, value]) => [/^content-length$/i.test(name) ? 'content-length' : name, value]);
  return { ...request, headers };
}

function headerOf(request, wanted) {
  return request.headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

async function startReplay(t, answer) {
  const replay = await Replay.start(t, answer);
  const gateway = await Gateway.start(t, `${replay.origin}/api/anthropic`);
  return { replay, clients: new Clients(replay.origin, gateway) };
}

// Asserts that both requests were the same, and returns the one that came through the gateway.
async function sentBothWays({ replay }, { direct, through }, call) {
  await call(direct);
  await call(through);
  assert.equal(replay.requests.length, 2);
  const [first, second] = replay.requests;
  assert.deepEqual(kept(second), kept(first));
  assert.equal(headerOf(second, 'host'), headerOf(first, 'host'));
  return second;
}

test('a message with headers of all kinds', async (t) => {
  const scene = await startReplay(t, json(message));
  const headers = {
    'x-api-key': 'another-key',
    'X-Claude-Code-Session-Id': 'e2e',
    'anthropic-beta': 'a-2026-01-01,b-2026-02-02',
    'x-empty': '',
    'x-latin': 'gr\u00fc\u00dfe',
    'User-Agent': 'someone/1.0 (of this machine)',
  };
  const request = await sentBothWays(scene, scene.clients.anthropic(), (client) =>
    client.messages.create(question, { headers }),
  );
  assert.equal(request.target, '/api/anthropic/v1/messages');
  assert.equal(headerOf(request, 'x-api-key'), 'another-key');
  assert.equal(headerOf(request, 'authorization'), 'Bearer test-key');
  assert.equal(headerOf(request, 'x-empty'), '');
  assert.equal(headerOf(request, 'accept-encoding'), 'identity');
  assert.equal(request.body.toString(), JSON.stringify(question));
});

test('a message as a stream, with a query', async (t) => {
  const scene = await startReplay(t, events(stream, 1000));
  const request = await sentBothWays(scene, scene.clients.anthropic(), (client) =>
    client.beta.messages
      .stream({ ...question, betas: ['context-1m-2025-08-07'] }, { query: { beta: true } })
      .finalMessage(),
  );
  assert.equal(request.target, '/api/anthropic/v1/messages?beta=true');
  assert.equal(headerOf(request, 'anthropic-beta'), 'context-1m-2025-08-07');
});

test('a completion', async (t) => {
  const scene = await startReplay(t, json(completion));
  const { model, messages } = question;
  const request = await sentBothWays(scene, scene.clients.openAi(), (client) =>
    client.chat.completions.create({ model, messages }),
  );
  assert.equal(request.target, '/api/coding/paas/v4/chat/completions');
  assert.equal(headerOf(request, 'authorization'), 'Bearer test-key');
});

test('a request without a body', async (t) => {
  const scene = await startReplay(t, json({ object: 'list', data: [] }));
  const request = await sentBothWays(scene, scene.clients.openAi(), (client) =>
    client.models.list({ query: { after: 'a/b c&d' } }),
  );
  assert.equal(request.method, 'GET');
  assert.equal(headerOf(request, 'content-length'), undefined);
});

test('a body of many megabytes', async (t) => {
  const scene = await startReplay(t, json(message));
  const content = crypto.randomBytes(6 * 1024 * 1024).toString('base64');
  const request = await sentBothWays(scene, scene.clients.anthropic(), (client) =>
    client.messages.create({ ...question, messages: [{ role: 'user', content }] }),
  );
  assert.ok(request.body.length > content.length);
});
