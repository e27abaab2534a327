// What the Anthropic SDK gets through the gateway is what it gets direct.
import assert from 'node:assert/strict';
import test from 'node:test';

import { Gateway } from './support/gateway.js';
import { assertSame, eventsOf, headersOf } from './support/outcome.js';
import { Replay, events, json } from './support/replay.js';
import { Clients, startScene } from './support/scene.js';

const question = {
  model: 'glm-4.7',
  max_tokens: 1024,
  system: 'Answer briefly.',
  messages: [{ role: 'user', content: 'What is a lease? — „Pacht“, 租约 🗝' }],
};

const weatherTool = {
  name: 'weather',
  description: 'The weather of a place',
  input_schema: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
};

const usage = { input_tokens: 100, output_tokens: 20 };

const toolCall = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'glm-4.7',
  content: [
    { type: 'text', text: 'I shall look.' },
    { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { place: 'Reykjavík' } },
  ],
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage,
};

const toolCallEvents = [
  { type: 'message_start', message: { ...toolCall, content: [], stop_reason: null } },
  {
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'thinking', thinking: '', signature: '' },
  },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: '思考…' } },
  {
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'signature_delta', signature: 'c2lnbmVk' },
  },
  { type: 'content_block_stop', index: 0 },
  {
    type: 'content_block_start',
    index: 1,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
  },
  {
    type: 'content_block_delta',
    index: 1,
    delta: { type: 'input_json_delta', partial_json: '{"place":"Reyk' },
  },
  { type: 'ping' },
  {
    type: 'content_block_delta',
    index: 1,
    delta: { type: 'input_json_delta', partial_json: 'javík"}' },
  },
  { type: 'content_block_stop', index: 1 },
  { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage },
  { type: 'message_stop' },
];

async function startReplay(t, ...answers) {
  const replay = await Replay.start(t, ...answers);
  const gateway = await Gateway.start(t, `${replay.origin}/api/anthropic`);
  return { gateway, clients: new Clients(replay.origin, gateway).anthropic() };
}

test('a message, whole', async (t) => {
  const { clients, gateway } = await startScene(t);
  const { value } = await assertSame(clients.anthropic(), (client) =>
    client.messages.create(question),
  );
  assert.equal(value.content[0].text, 'word0 word1 word2 word3 word4 ');
  const [row] = await gateway.settledLedger();
  assert.equal(row.model, 'glm-4.7');
  assert.equal(row.kind, 'KIND_PROMPT');
  assert.equal(row.outcome, 'OUTCOME_OK');
});

test('a message as a stream, event by event', async (t) => {
  const { clients } = await startScene(t, { upstream: { chunks: 50 } });
  const { value } = await assertSame(clients.anthropic(), async (client) =>
    eventsOf(await client.messages.create({ ...question, stream: true })),
  );
  assert.equal(value.length, 5 + 50);
});

test('a message that the SDK puts together from a stream', async (t) => {
  const { clients } = await startScene(t);
  const { value } = await assertSame(clients.anthropic(), (client) =>
    client.messages.stream(question).finalMessage(),
  );
  assert.equal(value.stop_reason, 'end_turn');
});

test('the status and the headers of answers', async (t) => {
  const { clients } = await startScene(t);
  for (const stream of [false, true]) {
    const { value } = await assertSame(clients.anthropic(), async (client) => {
      const response = await client.messages.create({ ...question, stream }).asResponse();
      const body = await response.text();
      return { status: response.status, headers: headersOf(response), body };
    });
    assert.equal(value.status, 200);
  }
});

test('an event reaches the client while the upstream is still at work', async (t) => {
  const { clients, upstream } = await startScene(t, { upstream: { chunk_gap_ms: 200 } });
  const stream = await clients.anthropic().through.messages.create({ ...question, stream: true });
  for await (const event of stream) {
    if (event.type !== 'content_block_delta') continue;
    assert.equal((await upstream.stats()).in_flight, 1);
    break;
  }
});

test('a tool call, whole', async (t) => {
  const { clients } = await startReplay(t, json(toolCall));
  const { value } = await assertSame(clients, (client) =>
    client.messages.create({ ...question, tools: [weatherTool] }),
  );
  assert.deepEqual(value.content, toolCall.content);
});

test('thoughts and a tool call as a stream, cut anywhere', async (t) => {
  const { clients } = await startReplay(t, events(toolCallEvents, 7));
  const { value } = await assertSame(clients, (client) =>
    client.messages.stream({ ...question, tools: [weatherTool] }).finalMessage(),
  );
  assert.equal(value.content[0].thinking, '思考…');
  assert.deepEqual(value.content[1].input, { place: 'Reykjavík' });
});

test('a turn with a tool is one prompt and one call', async (t) => {
  const final = { ...toolCall, content: [{ type: 'text', text: 'Rain.' }], stop_reason: 'end_turn' };
  const { clients, gateway } = await startReplay(t, json(toolCall), json(final));
  const run = clients.through.beta.messages.toolRunner({
    ...question,
    tools: [{ ...weatherTool, run: ({ place }) => `Rain in ${place}`, parse: (input) => input }],
  });
  assert.equal((await run).content[0].text, 'Rain.');
  const rows = await gateway.settledLedger();
  assert.deepEqual(
    rows.map((row) => row.kind),
    ['KIND_PROMPT', 'KIND_CALL'],
  );
});

test('counting tokens and listing models take no lease', async (t) => {
  const { clients, gateway } = await startScene(t);
  const { model, messages } = question;
  const counted = await assertSame(clients.anthropic(), (client) =>
    client.messages.countTokens({ model, messages }),
  );
  assert.ok(counted.value.input_tokens > 0);
  const listed = await assertSame(clients.anthropic(), async (client) =>
    eventsOf(await client.models.list()),
  );
  assert.equal(listed.value.length, 5);
  assert.deepEqual(await gateway.ledger(), []);
});
