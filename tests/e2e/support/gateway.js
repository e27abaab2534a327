// A gateway, and the daemon that it starts, with a home and a state directory of their own.
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { Server, pathOf } from './programs.js';
import { waitUntil } from './wait.js';

const execute = promisify(execFile);

export class Gateway {
  // `config`: the daemon's, as TOML. Ends with the test.
  // `environment`: what the gateway gets besides its own.
  static async start(t, upstreamUrl, { config = '', environment = {} } = {}) {
    const home = await fs.mkdtemp(path.join(os.tmpdir(), 'zbroker-e2e.'));
    const gateway = new Gateway(home);
    t.after(() => gateway.#stop());
    await fs.writeFile(path.join(home, 'config.toml'), config);
    const args = ['gateway', '--listen', '127.0.0.1:0', '--upstream', upstreamUrl];
    const all = { ...gateway.environment(), ...environment };
    gateway.server = await Server.start('zlease', args, all);
    gateway.baseUrl = gateway.server.firstLine;
    return gateway;
  }

  constructor(home) {
    this.home = home;
  }

  // Nothing of the caller's: neither proxies nor another broker.
  environment() {
    return {
      PATH: process.env.PATH,
      HOME: this.home,
      ZBROKER_STATE_DIR: this.home,
      ZBROKER_CONFIG: path.join(this.home, 'config.toml'),
    };
  }

  async slots() {
    const status = await this.#zctl('status');
    return status.accounts[0].slots;
  }

  // Every lease ever, oldest first.
  async ledger() {
    const { rows } = await this.#zctl('ledger');
    return rows.sort((a, b) => Number(a.lease_id) - Number(b.lease_id));
  }

  // Until every lease that was granted is closed, and the ledger then. A client may have its answer
  // a moment before the daemon knows.
  settledLedger() {
    return waitUntil('all leases are closed', async () => {
      const { in_flight: inFlight } = await this.slots();
      return inFlight === 0 && this.ledger();
    });
  }

  async #stop() {
    await this.server?.stop();
    const lock = await fs.readFile(path.join(this.home, 'zbrokerd.lock'), 'utf8').catch(() => '');
    const daemon = Number.parseInt(lock, 10);
    if (daemon > 0 && (await isAlive(daemon))) {
      process.kill(daemon, 'SIGTERM');
      await waitUntil('the daemon has ended', async () => !(await isAlive(daemon)));
    }
    await fs.rm(this.home, { recursive: true });
  }

  async #zctl(...args) {
    const options = { env: this.environment() };
    const { stdout } = await execute(pathOf('zctl'), [...args, '--json'], options);
    return JSON.parse(stdout);
  }
}

// A process that has ended may be listed until somebody asks how.
async function isAlive(pid) {
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) [^ZX]/.test(stat);
}
