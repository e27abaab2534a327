// What zlease mcp adds to a tool call, beside the direct one in the same run:
//
//   node tests/bench/mcp.mjs [build/release/bin]
//
// Prints, in milliseconds: a ping, which takes no lease; a call of a tool, which does; the time
// from the start of a server to its first answer; and how long what Claude Code runs of ours takes,
// beside `true`: the hook before a sub-agent, and the status line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const programs = process.argv[2] ?? 'build/release/bin';
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'zb-bench-'));
const env = { PATH: process.env.PATH, HOME: home, ZBROKER_STATE_DIR: home };
const server = path.join(programs, 'fake_mcp_server');
const commands = { direct: [server], relay: [path.join(programs, 'zlease'), 'mcp', '--', server] };

class Client {
  constructor([command, ...args]) {
    this.child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.waiting = [];
    let rest = '';
    this.child.stdout.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const _ of lines) this.waiting.shift()();
    });
  }

  ask(message) {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    });
  }

  async end() {
    this.child.stdin.end();
    await once(this.child, 'close');
  }
}

async function timed(work) {
  const begin = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - begin) / 1e6;
}

async function repeat(count, work) {
  const times = [];
  for (let i = 0; i < count; i += 1) times.push(await work(i));
  return times.sort((a, b) => a - b);
}

function show(what, { direct, relay }) {
  const at = (times, share) => times[Math.floor(times.length * share)];
  const cells = [0.5, 0.99].map((share) => {
    const [one, other] = [at(direct, share), at(relay, share)];
    const added = `${other < one ? '' : '+'}${(other - one).toFixed(3)}`;
    return `p${share * 100} ${one.toFixed(3)} → ${other.toFixed(3)} (${added})`;
  });
  console.log(`${what.padEnd(11)} ${cells.join('   ')}`);
}

async function both(work) {
  return { direct: await work('direct'), relay: await work('relay') };
}

const clients = { direct: new Client(commands.direct), relay: new Client(commands.relay) };
for (const [what, message] of [
  ['ping', (id) => ({ id, method: 'ping' })],
  ['call', (id) => ({ id, method: 'tools/call', params: { name: 'echo' } })],
]) {
  for (let round = 0; round < 3; round += 1) {
    show(what, await both((way) => repeat(1000, (i) => timed(() => clients[way].ask(message(i))))));
  }
}
await Promise.all(Object.values(clients).map((client) => client.end()));

show(
  'start-up',
  await both((way) =>
    repeat(40, async () => {
      let client;
      const time = await timed(() => {
        client = new Client(commands[way]);
        return client.ask({ id: 1, method: 'ping' });
      });
      await client.end();
      return time;
    }),
  ),
);

function run([command, ...args], input) {
  return timed(async () => {
    const child = spawn(command, args, { env, stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.on('error', () => {}).end(input); // `true` reads nothing
    await once(child, 'close');
  });
}

const task = '{"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Task","tool_input":{}}';
for (const [what, args, input] of [
  ['hook', ['hook', 'claude'], task],
  ['status line', ['statusline'], '{"session_id":"s"}'],
]) {
  const zctl = [path.join(programs, 'zctl'), ...args];
  show(what, {
    direct: await repeat(100, () => run(['true'], input)),
    relay: await repeat(100, () => run(zctl, input)),
  });
}
console.log(`load average ${os.loadavg().map((one) => one.toFixed(1)).join(' ')}`);
process.kill(Number.parseInt(fs.readFileSync(path.join(home, 'zbrokerd.lock'), 'utf8'), 10));
fs.rmSync(home, { recursive: true, force: true });
