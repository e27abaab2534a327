// The programs under test, started and ended.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

// Where the build puts them, unless E2E_PROGRAMS names another folder.
const folder = process.env.E2E_PROGRAMS ?? path.join(here, '../../../build/release/bin');

export function pathOf(program) {
  return path.join(folder, program);
}

// A child process that says on its first line where it can be reached.
export class Server {
  static async start(program, args, env) {
    const child = spawn(pathOf(program), args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const server = new Server(child);
    child.stderr.setEncoding('utf8').on('data', (text) => (server.log += text));
    const lines = readline.createInterface({ input: child.stdout });
    const [line] = await Promise.race([
      once(lines, 'line'),
      once(child, 'close').then(() => assert.fail(`${program} did not start: ${server.log}`)),
    ]);
    server.firstLine = line;
    // A test that fails to stop it must not keep the others from ending.
    for (const handle of [child, child.stdout, child.stderr]) handle.unref();
    return server;
  }

  constructor(child) {
    this.child = child;
    this.log = ''; // what it wrote to stderr
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.ref();
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
