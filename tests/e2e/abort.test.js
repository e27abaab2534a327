// A client that goes away takes its request along, and the slot is free again when the upstream has
// ended it, too.
import assert from 'node:assert/strict';
import test from 'node:test';

import { APIUserAbortError } from '@anthropic-ai/sdk';

import { startScene } from './support/scene.js';
import { waitUntil } from './support/wait.js';

const config = `
[broker]
unclean_hold = "30s"
[account.default.slots]
limit = 1
`;

const question = {
  model: 'glm-4.7',
  max_tokens: 16,
  messages: [{ role: 'user', content: 'Well?' }],
};

const streams = {
  Anthropic: (scene) => scene.clients.anthropic().through.messages,
  OpenAI: (scene) => scene.clients.openAi().through.chat.completions,
};

function startSlowScene(t) {
  return startScene(t, {
    upstream: { limit: 1, chunks: 1000, chunk_gap_ms: 20 },
    gateway: { config },
  });
}

for (const [name, open] of Object.entries(streams)) {
  test(`${name}: a stream that its client aborts`, async (t) => {
    const scene = await startSlowScene(t);
    const stream = await open(scene).create({ ...question, stream: true });
    for await (const event of stream) {
      assert.ok(event);
      stream.controller.abort();
    }
    await waitUntil('the upstream request has ended', async () => {
      const stats = await scene.upstream.stats();
      return stats.in_flight === 0 && stats.aborted === 1;
    });
    await waitUntil('the slot is free', async () => {
      const slots = await scene.gateway.slots();
      return slots.in_flight === 0;
    });

    await scene.upstream.configure({ chunks: 1 });
    await open(scene).create(question);
    const [aborted, next] = await scene.gateway.settledLedger();
    assert.equal(aborted.outcome, 'OUTCOME_CANCELLED');
    assert.equal(next.outcome, 'OUTCOME_OK');
    const waitedMs = Date.parse(next.granted) - Date.parse(next.queued);
    assert.ok(waitedMs < 15_000, `waited ${waitedMs} ms`);
    assert.equal((await scene.upstream.stats()).max_in_flight, 1);
  });
}

test('a request that is aborted while it waits never reaches the upstream', async (t) => {
  const scene = await startSlowScene(t);
  const holder = await open(scene);
  const waiter = new AbortController();
  const waiting = streams.Anthropic(scene).create(question, { signal: waiter.signal });
  const refused = assert.rejects(waiting, APIUserAbortError);
  await waitUntil('it waits', async () => (await scene.gateway.slots()).waiting === 1);
  waiter.abort();
  await refused;
  await waitUntil('it waits no more', async () => (await scene.gateway.slots()).waiting === 0);
  holder.controller.abort();
  await scene.gateway.settledLedger();
  assert.equal((await scene.upstream.stats()).requests, 1);

  async function open() {
    const stream = await streams.Anthropic(scene).create({ ...question, stream: true });
    await stream[Symbol.asyncIterator]().next();
    return stream;
  }
});
