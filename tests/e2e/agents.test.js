// The official SDK's client asks zctl mcp. It checks structured results against their schemas.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import test from 'node:test';

import { pathOf } from './support/programs.js';
import { Place } from './support/mcp.js';
import { waitUntil } from './support/wait.js';

const oneSlot = `
[account.default.slots]
limit = 1
learn = false
[[account.default.window]]
name = "5h"
unit = "prompts"
length = "5h"
limit = 10
enforce = "hard"
`;
const server = [pathOf('zctl'), 'mcp'];

// Takes the slot; returns what gives it back.
async function takeSlot(t, place) {
  const holder = spawn(pathOf('zlease'), ['--', 'sh', '-c', 'echo held; exec sleep 60'], {
    env: place.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => holder.kill());
  await once(holder.stdout, 'data');
  return () => holder.kill();
}

test('tools are listed with schemas that their results keep', async (t) => {
  const place = await Place.make(t, oneSlot);
  const client = await place.connect(t, server);
  const { tools } = await client.listTools();
  for (const name of ['budget', 'preflight', 'wait_until', 'explain']) {
    const tool = tools.find((one) => one.name === name);
    assert.ok(tool.outputSchema && tool.annotations.readOnlyHint, name);
  }
  assert.match(client.getInstructions(), /preflight/);
  const budget = await client.callTool({ name: 'budget' });
  assert.equal(budget.structuredContent.accounts[0].windows[0].left, 10);
  const preflight = await client.callTool({ name: 'preflight', arguments: { prompts: 11 } });
  assert.equal(preflight.structuredContent.verdict, 'too_much');
  const wait = await client.callTool({ name: 'wait_until', arguments: { condition: 'slot' } });
  assert.equal(wait.structuredContent.reached, true);
  const why = await client.callTool({ name: 'explain' });
  assert.equal(why.structuredContent.accounts[0].slots_taken, 0);
  const wrong = await client.callTool({ name: 'wait_until', arguments: { condition: 'rain' } });
  assert.equal(wrong.isError, true);
});

test('a wait tells of its progress and ends when there is a slot', async (t) => {
  const place = await Place.make(t, oneSlot);
  const client = await place.connect(t, server);
  await client.listTools();
  const release = await takeSlot(t, place);
  const progress = [];
  const onprogress = (one) => {
    progress.push(one);
    release();
  };
  const call = { name: 'wait_until', arguments: { condition: 'slot', seconds: 50 } };
  const { structuredContent } = await client.callTool(call, undefined, { onprogress });
  assert.equal(structuredContent.reached, true);
  assert.equal(progress[0].total, 50);
  assert.match(progress[0].message, /1 of 1 slots taken/);
});

test('an agent is told what a request waits for', async (t) => {
  const place = await Place.make(t, oneSlot);
  const client = await place.connect(t, server);
  await client.listTools();
  await takeSlot(t, place);
  const waiter = spawn(pathOf('zlease'), ['--session', 'mine', '--', 'true'], { env: place.env });
  t.after(() => waiter.kill());
  const { waiters } = await waitUntil('it waits', async () => {
    const call = { name: 'explain', arguments: { what: 'mine' } };
    const { structuredContent, isError } = await client.callTool(call);
    return !isError && structuredContent;
  });
  assert.equal(waiters[0].session, 'mine');
  assert.equal(waiters[0].hindrances[0].what, 'slots');
  assert.match(waiters[0].hindrances[0].detail, /slot/);
});

test('a wait whose time is over says how it stands', async (t) => {
  const place = await Place.make(t, oneSlot);
  const client = await place.connect(t, server);
  await takeSlot(t, place);
  const call = { name: 'wait_until', arguments: { condition: 'idle', seconds: 1 } };
  const { structuredContent, isError } = await client.callTool(call);
  assert.equal(isError, false);
  assert.equal(structuredContent.reached, false);
  assert.match(structuredContent.summary, /^NOT YET after \d/);
});

test('a wait that is cancelled keeps nobody from being answered', async (t) => {
  const place = await Place.make(t, oneSlot);
  const client = await place.connect(t, server);
  await takeSlot(t, place);
  const call = { name: 'wait_until', arguments: { condition: 'slot', seconds: 50 } };
  // More than may wait at once, were those that are cancelled kept.
  for (let i = 0; i < 40; ++i) {
    const control = new AbortController();
    const waiting = client.callTool(call, undefined, { signal: control.signal });
    await client.ping();
    control.abort();
    await assert.rejects(waiting);
  }
  const last = { name: 'wait_until', arguments: { condition: 'slot', seconds: 1 } };
  assert.equal((await client.callTool(last)).isError, false);
});
