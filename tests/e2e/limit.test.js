// Clients see nothing of the upstream's limit, however it moves.
import assert from 'node:assert/strict';
import test from 'node:test';

import { eventsOf, outcomeOf } from './support/outcome.js';
import { startScene } from './support/scene.js';

const question = {
  model: 'glm-4.7',
  max_tokens: 16,
  messages: [{ role: 'user', content: 'Well?' }],
};

function errorsOf(outcomes) {
  return outcomes.filter((outcome) => outcome.error).map((outcome) => outcome.error.message);
}

test('twenty calls at once on three slots: all are served, three at a time', async (t) => {
  const scene = await startScene(t, { upstream: { limit: 3, service_ms: 50 } });
  const { direct, through } = scene.clients.anthropic();
  const all = (client) =>
    Promise.all(Array.from({ length: 20 }, () => outcomeOf(() => client.messages.create(question))));

  // Without the gateway this upstream does turn calls away.
  assert.ok(errorsOf(await all(direct)).length > 0);
  const { throttled } = await scene.upstream.stats();
  assert.ok(throttled > 0);

  assert.deepEqual(errorsOf(await all(through)), []);
  const stats = await scene.upstream.stats();
  assert.equal(stats.throttled, throttled);
  assert.equal(stats.max_in_flight, 3);
});

test('ten sessions under throttles at random and a limit that moves: no error', async (t) => {
  const scene = await startScene(t, {
    upstream: { limit: 4, service_ms: 20, throttle_probability: 0.1, retry_after_ms: 150 },
  });
  const limits = [4, 2, 3, 1, 4, 3, 1, 2, 3, 4];
  let served = 0;

  // Moves the limit with each twentieth request that is done.
  async function count() {
    served += 1;
    if (served % 20 !== 0) return;
    const step = served / 20;
    await scene.upstream.configure({ limit: limits[step % limits.length], seed: 1 + step });
  }

  async function runSession(number) {
    const headers = { 'x-claude-code-session-id': `session-${number}` };
    const { through } = scene.clients.anthropic({ defaultHeaders: headers });
    const outcomes = [];
    for (let i = 0; i < 20; i += 1) {
      const stream = i % 2 === 0;
      const call = async () => {
        const answer = await through.messages.create({ ...question, stream });
        return stream ? eventsOf(answer) : answer;
      };
      outcomes.push(await outcomeOf(call));
      await count();
    }
    return outcomes;
  }

  const sessions = await Promise.all(Array.from({ length: 10 }, (_, i) => runSession(i)));
  assert.deepEqual(errorsOf(sessions.flat()), []);
  const { throttled } = await scene.upstream.stats();
  assert.ok(throttled > 0);
  const rows = await scene.gateway.settledLedger();
  assert.equal(rows.filter((row) => row.outcome === 'OUTCOME_OK').length, 200);
  assert.equal(rows.filter((row) => row.outcome === 'OUTCOME_THROTTLE').length, throttled);
  t.diagnostic(`${throttled} throttles; most attempts of one request: ${mostAttempts(rows)}`);
});

function mostAttempts(rows) {
  return Math.max(...rows.map((row) => row.attempt));
}
