// An error that the gateway passes on is the one that the SDK gets direct; one that passes by
// itself never reaches the SDK.
import assert from 'node:assert/strict';
import test from 'node:test';

import { assertSame, eventsOf, outcomeOf } from './support/outcome.js';
import { startScene } from './support/scene.js';

const question = {
  model: 'glm-4.7',
  max_tokens: 16,
  messages: [{ role: 'user', content: 'Well?' }],
};

const apis = {
  Anthropic: {
    clients: (scene, options) => scene.clients.anthropic(options),
    create: (client) => client.messages.create(question),
    stream: async (client) => eventsOf(await client.messages.create({ ...question, stream: true })),
  },
  OpenAI: {
    clients: (scene, options) => scene.clients.openAi(options),
    create: (client) => client.chat.completions.create(question),
    stream: async (client) =>
      eventsOf(await client.chat.completions.create({ ...question, stream: true })),
  },
};

// `YYYY-MM-DD HH:MM:SS` of the provider's clock, so many hours from now.
function providerTime(hours) {
  const shifted = new Date(Date.now() + (8 + hours) * 3_600_000);
  return shifted.toISOString().slice(0, 19).replace('T', ' ');
}

// The same answer once for the direct call and once for the other.
function twice(answer) {
  return { script: [answer, answer] };
}

const passedOn = [
  { code: '1210', status: 400, class: 'BadRequestError' },
  { code: '1001', status: 401, class: 'AuthenticationError' },
  { code: '1220', status: 403, class: 'PermissionDeniedError' },
  { code: '1309', status: 429, class: 'RateLimitError' },
];

for (const [name, api] of Object.entries(apis)) {
  for (const expected of passedOn) {
    test(`${name}: ${expected.status} with code ${expected.code}`, async (t) => {
      const scene = await startScene(t, { upstream: twice({ code: expected.code }) });
      const { error } = await assertSame(api.clients(scene), api.create);
      assert.equal(error.status, expected.status);
      assert.equal(error.class, expected.class);
    });
  }

  test(`${name}: a page of HTML in place of an answer`, async (t) => {
    const page = { body: '<html><body>Bad Gateway</body></html>', status: 502 };
    const scene = await startScene(t, { upstream: twice(page) });
    const { error } = await assertSame(api.clients(scene), api.create);
    assert.equal(error.status, 502);
  });

  test(`${name}: a path that the upstream does not have`, async (t) => {
    const scene = await startScene(t);
    const { error } = await assertSame(api.clients(scene), (client) => client.get('/v9/nothing'));
    assert.equal(error.class, 'NotFoundError');
  });

  test(`${name}: a wall, which the SDK does not retry`, async (t) => {
    const wall = { code: '1308', reset: providerTime(2), retry_after_s: 7200 };
    const scene = await startScene(t, { upstream: { script: [wall, wall, wall] } });
    const { error } = await assertSame(api.clients(scene), api.create);
    assert.equal(error.class, 'RateLimitError');
    assert.match(error.message, /Usage limit reached for 5 hour/);
    // Who retries of his own accord is told not to.
    const before = (await scene.upstream.stats()).requests;
    const { through } = api.clients(scene, { maxRetries: 2 });
    const again = await outcomeOf(() => api.create(through));
    assert.equal(again.error.class, 'RateLimitError');
    const { requests } = await scene.upstream.stats();
    assert.ok(requests - before <= 1, `${requests - before} more requests`);
  });

  test(`${name}: a throttle is an error direct, and none through the gateway`, async (t) => {
    const throttle = { code: '1302' };
    const scene = await startScene(t, { upstream: { ...twice(throttle), retry_after_ms: 100 } });
    const { direct, through } = api.clients(scene);
    const refused = await outcomeOf(() => api.create(direct));
    assert.equal(refused.error.class, 'RateLimitError');
    assert.ok((await outcomeOf(() => api.create(through))).value);
    const { script_left: left } = await scene.upstream.configure({});
    assert.equal(left, 0);
    const rows = await scene.gateway.settledLedger();
    assert.deepEqual(
      rows.map((row) => row.outcome),
      ['OUTCOME_THROTTLE', 'OUTCOME_OK'],
    );
  });

  test(`${name}: what fails within the upstream is tried once more, and passed on then`, async (t) => {
    const failure = { code: '500' };
    const scene = await startScene(t, { upstream: { script: [failure, failure, failure, failure] } });
    const { direct, through } = api.clients(scene);
    const first = await outcomeOf(() => api.create(direct));
    assert.equal(first.error.class, 'InternalServerError');
    assert.deepEqual(await outcomeOf(() => api.create(through)), first);
    const { requests } = await scene.upstream.stats();
    assert.equal(requests, 3);
    assert.ok((await outcomeOf(() => api.create(through))).value);
  });

  for (const code of ['1302', '1305']) {
    test(`${name}: ${code} as the first event of a stream`, async (t) => {
      const hidden = { error_in_200_stream: code };
      const scene = await startScene(t, { upstream: twice(hidden) });
      const { direct, through } = api.clients(scene);
      const refused = await outcomeOf(() => api.stream(direct));
      assert.match(JSON.stringify(refused.error.body), new RegExp(code));
      assert.ok((await outcomeOf(() => api.stream(through))).value);
    });
  }

  test(`${name}: an error in the middle of a stream`, async (t) => {
    const late = { error_in_200_stream: '1302', after_chunks: 2 };
    const scene = await startScene(t, { upstream: { ...twice(late), chunk_gap_ms: 100 } });
    const { error } = await assertSame(api.clients(scene), api.stream);
    assert.match(JSON.stringify(error.body), /1302/);
  });

  for (const way of ['create', 'stream']) {
    test(`${name}: an answer that breaks off is never a success (${way})`, async (t) => {
      const scene = await startScene(t, { upstream: twice({ reset_mid_stream: true }) });
      const { direct, through } = api.clients(scene);
      assert.ok((await outcomeOf(() => api[way](direct))).error);
      assert.ok((await outcomeOf(() => api[way](through))).error);
    });

    test(`${name}: the SDK's own time-out (${way})`, async (t) => {
      const scene = await startScene(t, { upstream: { service_ms: 60_000 } });
      const { error } = await assertSame(api.clients(scene, { timeout: 300 }), api[way]);
      assert.equal(error.class, 'APIConnectionTimeoutError');
      await scene.gateway.settledLedger();
      assert.equal((await scene.upstream.stats()).in_flight, 0);
    });
  }
}
