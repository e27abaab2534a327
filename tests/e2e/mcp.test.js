// The official SDK's client and server-everything: through zlease mcp all is as without it.
import assert from 'node:assert/strict';
import test from 'node:test';

import { pathOf } from './support/programs.js';
import { everything, Place } from './support/mcp.js';

const twoSlots =
  '[account.default.slots]\nlimit = 2\nlearn = false\n[account.default.mcp]\nslots = true\n';

const calls = [
  ['echo', { message: 'ä "quoted"\n' }],
  ['get-annotated-message', { messageType: 'error', includeImage: true }],
  ['get-annotated-message', { messageType: 'success' }],
  ['get-resource-links', { count: 4 }],
  ['get-resource-reference', { resourceType: 'Text', resourceId: 3 }],
  ['get-structured-content', { location: 'Chicago' }],
  ['get-sum', { a: 2, b: 3.5 }],
  ['get-sum', { a: 'no number', b: 1 }],
  ['get-tiny-image', {}],
  ['get-roots-list', {}],
  ['trigger-elicitation-request', {}],
  ['trigger-sampling-request', { prompt: 'hi', maxTokens: 5 }],
  ['trigger-long-running-operation', { duration: 0.2, steps: 2 }],
  ['no-such-tool', {}],
];

async function outcomeOf(promise) {
  try {
    return await promise;
  } catch (error) {
    return { error: error.message, code: error.code };
  }
}

// The server writes the time of day into some texts.
function timeless(value) {
  return JSON.parse(JSON.stringify(value).replace(/created at [^"\\]*/g, 'created'));
}

// All that server-everything offers, in one order.
async function tryEverything(client) {
  const seen = [];
  const see = async (promise) => seen.push(await outcomeOf(promise));
  const progress = [];
  await see(client.listTools());
  for (const [name, args] of calls) {
    const onprogress = ({ progress: at, total }) => progress.push([name, at, total]);
    await see(client.callTool({ name, arguments: args }, undefined, { onprogress }));
  }
  await see(client.listPrompts());
  await see(client.getPrompt({ name: 'simple-prompt' }));
  await see(client.getPrompt({ name: 'args-prompt', arguments: { city: 'Ulm' } }));
  await see(client.getPrompt({ name: 'args-prompt' }));
  await see(
    client.complete({
      ref: { type: 'ref/prompt', name: 'completable-prompt' },
      argument: { name: 'department', value: 'E' },
    }),
  );
  const { resources } = await client.listResources();
  for (const { uri } of resources) await see(client.readResource({ uri }));
  await see(client.listResourceTemplates());
  await see(client.ping());
  return { seen: timeless(seen), progress };
}

test('every tool, prompt, resource, request of the server: the same, byte for byte', async (t) => {
  const place = await Place.make(t, twoSlots);
  const direct = await tryEverything(await place.connect(t, everything));
  const client = await place.connect(t, place.tapped(everything));
  const through = await tryEverything(client);
  assert.deepEqual(through.seen, direct.seen);
  // Of progress that comes together with the answer the SDK may drop the last.
  for (const { progress } of [through, direct]) {
    assert.deepEqual(progress[0], ['trigger-long-running-operation', 1, 2]);
  }
  await client.close();
  const [said, heard] = [await place.passed('inner.out'), await place.passed('outer.out')];
  assert.ok(said.length > 1000 && said.equals(heard));
  // What the client says next may overtake a call that waits for its lease.
  const [asked, reached] = [await place.lines('outer.in'), await place.lines('inner.in')];
  assert.ok(asked.length > calls.length);
  assert.deepEqual(reached, asked);
  const rows = await place.settledRows();
  assert.equal(rows.length, calls.length);
  assert.ok(rows.every((row) => row.kind === 'KIND_MCP'));
});

test('twenty calls at once on two slots: all are answered, none is left', async (t) => {
  const place = await Place.make(t, twoSlots);
  const client = await place.connect(t, [pathOf('zlease'), 'mcp', '--', ...everything]);
  const sums = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      client.callTool({ name: 'get-sum', arguments: { a: i, b: 1 } }),
    ),
  );
  sums.forEach((sum, i) => assert.match(sum.content[0].text, new RegExp(`${i + 1}\\.$`)));
  const rows = await place.settledRows();
  assert.equal(rows.length, 20);
  assert.ok(rows.every((row) => row.outcome === 'OUTCOME_OK'));
});

test('a call whose client loses its patience leaves no lease', async (t) => {
  const place = await Place.make(t, twoSlots);
  const client = await place.connect(t, [pathOf('zlease'), 'mcp', '--', ...everything]);
  // Patience is about the call, not about the start of server and daemon.
  await client.callTool({ name: 'echo', arguments: { message: 'all are there' } });
  const slow = { name: 'trigger-long-running-operation', arguments: { duration: 30, steps: 1 } };
  const outcomes = await Promise.all(
    Array.from({ length: 4 }, () =>
      outcomeOf(client.callTool(slow, undefined, { timeout: 2000 })),
    ),
  );
  assert.ok(outcomes.every(({ error }) => /timed out/i.test(error)));
  await client.callTool({ name: 'echo', arguments: { message: 'on it goes' } });
  const rows = await place.settledRows();
  assert.equal(rows.length, 4, 'two of the four never had a lease');
});
