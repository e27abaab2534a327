// The real command lines of tools, where they are installed: behind zlease, and set up by zctl.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';

import { Gateway } from './support/gateway.js';
import { pathOf } from './support/programs.js';
import { ResponsesUpstream } from './support/responses.js';
import { configure, programOf, quietTools, run, tools } from './support/tools.js';
import { Upstream } from './support/upstream.js';

const atOnce = Number(process.env.E2E_TOOLS_AT_ONCE ?? 4);
const limit = 2;

// An upstream of two slots, a gateway that stays, and the tool pointed at the upstream.
async function startTool(t, tool) {
  const program = await programOf(tool);
  if (program === '') {
    t.skip(`${tool.name} is not installed`);
    return null;
  }
  const Kind = tool.responses ? ResponsesUpstream : Upstream;
  const upstream = await Kind.start(t, { limit, service_ms: 300 });
  const gateway = await Gateway.start(t, `${upstream.origin}/api/anthropic`, {
    config: `[account.default.slots]\nlimit = ${limit}\nlearn = false\n`,
  });
  const { home } = gateway;
  const work = path.join(home, 'work');
  await fs.mkdir(work);
  const file = await configure(tool, home, upstream.origin);
  const PATH = [path.dirname(program), process.env.PATH].join(path.delimiter);
  const env = { ...gateway.environment(), ...quietTools, PATH };
  // Several that find no database yet get in each other's way when they make one.
  await run(program, tool.args('the first of all'), env, work);
  const ask = (first, ...words) =>
    Promise.all(
      Array.from({ length: atOnce }, (_, i) =>
        run(first, [...words, ...tool.args(`question ${i}`)], env, work),
      ),
    );
  return { program, upstream, gateway, file, env, work, ask };
}

async function assertAnswered(answers, scene) {
  for (const { code, stdout, stderr } of answers) {
    assert.equal(code, 0, stderr);
    assert.match(stdout, /word0/);
  }
  const stats = await scene.upstream.stats();
  assert.equal(stats.throttled, 0);
  assert.ok(stats.max_in_flight <= limit);
  const rows = await scene.gateway.settledLedger();
  const prompts = rows.filter((row) => row.kind === 'KIND_PROMPT');
  assert.equal(prompts.length, atOnce);
  assert.ok(rows.every((row) => row.outcome === 'OUTCOME_OK'));
  assert.ok(prompts.every((row) => row.model === 'glm-4.7' && row.usage !== null));
}

for (const tool of tools) {
  test(`zlease ${tool.name}: all are answered, two at a time`, async (t) => {
    const scene = await startTool(t, tool);
    if (scene === null) return;
    await assertAnswered(await scene.ask(pathOf('zlease'), scene.program), scene);
  });

  test(`zctl setup ${tool.name}: the same with the tool alone, and back`, async (t) => {
    const scene = await startTool(t, tool);
    if (scene === null) return;
    const { file, env, work } = scene;
    const before = await fs.readFile(file);
    const setup = (...words) =>
      run(pathOf('zctl'), ['setup', tool.setup ?? tool.name, '--yes', ...words], env, work);
    const done = await setup();
    assert.equal(done.code, 0, done.stderr);
    await assertAnswered(await scene.ask(scene.program), scene);
    assert.equal((await setup('--undo')).code, 0);
    assert.deepEqual(await fs.readFile(file), before);
  });
}
