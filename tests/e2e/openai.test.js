// What the OpenAI SDK gets through the gateway is what it gets direct.
import assert from 'node:assert/strict';
import test from 'node:test';

import { Gateway } from './support/gateway.js';
import { assertSame, eventsOf, headersOf } from './support/outcome.js';
import { Replay, events } from './support/replay.js';
import { Clients, startScene } from './support/scene.js';

const question = {
  model: 'glm-4.7',
  messages: [
    { role: 'system', content: 'Answer briefly.' },
    { role: 'user', content: 'What is a lease? — „Pacht“, 租约 🗝' },
  ],
};

function chunk(delta, finishReason = null) {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1785369600,
    model: 'glm-4.7',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  };
}

const toolCallEvents = [
  chunk({ role: 'assistant', reasoning_content: '思考…' }),
  chunk({
    tool_calls: [
      { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } },
    ],
  }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '{"place":"Reyk' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: 'javík"}' } }] }),
  chunk({}, 'tool_calls'),
  '[DONE]',
];

const weatherTool = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: {} } },
};

test('a completion, whole', async (t) => {
  const { clients, gateway } = await startScene(t);
  const { value } = await assertSame(clients.openAi(), (client) =>
    client.chat.completions.create(question),
  );
  assert.equal(value.choices[0].message.content, 'word0 word1 word2 word3 word4 ');
  const [row] = await gateway.settledLedger();
  assert.equal(row.model, 'glm-4.7');
  assert.equal(row.kind, 'KIND_PROMPT');
  assert.equal(row.outcome, 'OUTCOME_OK');
});

test('a completion as a stream, chunk by chunk', async (t) => {
  const { clients } = await startScene(t, { upstream: { chunks: 50 } });
  const { value } = await assertSame(clients.openAi(), async (client) =>
    eventsOf(await client.chat.completions.create({ ...question, stream: true })),
  );
  assert.equal(value.length, 2 + 50);
});

test('a completion that the SDK puts together from a stream', async (t) => {
  const { clients } = await startScene(t);
  const { value } = await assertSame(clients.openAi(), (client) =>
    client.chat.completions.stream(question).finalChatCompletion(),
  );
  assert.equal(value.choices[0].finish_reason, 'stop');
});

test('the status and the headers of answers', async (t) => {
  const { clients } = await startScene(t);
  for (const stream of [false, true]) {
    const { value } = await assertSame(clients.openAi(), async (client) => {
      const request = client.chat.completions.create({ ...question, stream });
      const response = await request.asResponse();
      await response.text();
      return { status: response.status, headers: headersOf(response) };
    });
    assert.equal(value.status, 200);
  }
});

test('thoughts and a tool call as a stream, cut anywhere', async (t) => {
  const replay = await Replay.start(t, events(toolCallEvents, 7));
  const gateway = await Gateway.start(t, `${replay.origin}/api/anthropic`);
  const clients = new Clients(replay.origin, gateway).openAi();
  const { value } = await assertSame(clients, (client) =>
    client.chat.completions.stream({ ...question, tools: [weatherTool] }).finalChatCompletion(),
  );
  const [call] = value.choices[0].message.tool_calls;
  assert.equal(call.function.arguments, '{"place":"Reykjavík"}');
});

test('an answer to a tool is a call and no prompt', async (t) => {
  const { clients, gateway } = await startScene(t);
  const toolCalls = [
    { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } },
  ];
  await assertSame(clients.openAi(), (client) =>
    client.chat.completions.create({
      model: question.model,
      tools: [weatherTool],
      messages: [
        ...question.messages,
        { role: 'assistant', content: null, tool_calls: toolCalls },
        { role: 'tool', tool_call_id: 'call_1', content: 'Rain.' },
      ],
    }),
  );
  const [row] = await gateway.settledLedger();
  assert.equal(row.kind, 'KIND_CALL');
});

test('listing models takes no lease', async (t) => {
  const { clients, gateway } = await startScene(t);
  const { value } = await assertSame(clients.openAi(), async (client) =>
    eventsOf(await client.models.list()),
  );
  assert.equal(value.length, 5);
  assert.deepEqual(await gateway.ledger(), []);
});
