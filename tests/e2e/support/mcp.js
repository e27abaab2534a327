// A daemon, and MCP servers that the official SDK's client starts, directly or through zlease mcp.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

import { pathOf } from './programs.js';
import { waitUntil } from './wait.js';

const tap = fileURLToPath(new URL('./tap.js', import.meta.url));
const run = promisify(execFile);

const { resolve } = createRequire(import.meta.url);
const folder = path.dirname(resolve('@modelcontextprotocol/server-everything/package.json'));
export const everything = [process.execPath, path.join(folder, 'dist/index.js'), 'stdio'];

export class Place {
  static async make(t, config) {
    const home = await fs.mkdtemp(path.join(os.tmpdir(), 'zb-mcp-'));
    await fs.writeFile(path.join(home, 'config.toml'), config);
    const place = new Place(home);
    t.after(() => place.remove());
    return place;
  }

  constructor(home) {
    this.home = home;
    this.env = {
      PATH: process.env.PATH,
      HOME: home,
      ZBROKER_STATE_DIR: path.join(home, 'state'),
      ZBROKER_CONFIG: path.join(home, 'config.toml'),
    };
  }

  // Once every lease is closed: an answer may be here a moment before the daemon knows.
  settledRows() {
    return waitUntil('all leases are closed', async () => {
      const { stdout } = await run(pathOf('zctl'), ['ledger', '--json'], { env: this.env });
      const { rows } = JSON.parse(stdout);
      return rows.every((row) => row.closed !== null) && rows;
    });
  }

  // The command with what passes on both sides of the relay in files, outer.* and inner.*.
  tapped(command) {
    const around = (name, rest) => [process.execPath, tap, path.join(this.home, name), ...rest];
    const relay = [pathOf('zlease'), 'mcp', '--', ...around('inner', command)];
    return around('outer', relay);
  }

  async passed(name) {
    return fs.readFile(path.join(this.home, name));
  }

  // The lines of such a file, in the order of the alphabet.
  async lines(name) {
    return (await this.passed(name)).toString('latin1').split('\n').sort();
  }

  // A client that samples, elicits and has roots, always in the same way.
  async connect(t, [command, ...args]) {
    const client = new Client(
      { name: 'e2e', version: '1' },
      { capabilities: { sampling: {}, elicitation: {}, roots: { listChanged: true } } },
    );
    client.setRequestHandler(CreateMessageRequestSchema, async () => ({
      model: 'none',
      role: 'assistant',
      content: { type: 'text', text: 'sampled' },
    }));
    client.setRequestHandler(ElicitRequestSchema, async () => ({ action: 'decline' }));
    client.setRequestHandler(ListRootsRequestSchema, async () => ({
      roots: [{ uri: 'file:///work', name: 'work' }],
    }));
    const transport = new StdioClientTransport({ command, args, env: this.env, stderr: 'ignore' });
    await client.connect(transport);
    t.after(() => client.close());
    return client;
  }

  async remove() {
    const lock = path.join(this.home, 'state/zbrokerd.lock');
    const pid = Number.parseInt(await fs.readFile(lock, 'utf8').catch(() => ''), 10);
    if (pid > 0) process.kill(pid, 'SIGKILL');
    await fs.rm(this.home, { recursive: true, force: true });
  }
}
