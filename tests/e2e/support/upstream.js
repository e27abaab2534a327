// The fake upstream: tests/testing/upstream/control.h says what can be asked and set.
import assert from 'node:assert/strict';

import { Server } from './programs.js';

export class Upstream {
  // Ends with the test.
  static async start(t, settings) {
    const server = await Server.start('fake_upstream', ['--die-with-parent'], {});
    t.after(() => server.stop());
    const upstream = new Upstream(server);
    await upstream.configure({ service_ms: 1, ...settings });
    return upstream;
  }

  constructor(server) {
    this.server = server;
    this.origin = server.firstLine.replace('listening on ', '');
  }

  configure(settings) {
    return this.#control('config', { method: 'POST', body: JSON.stringify(settings) });
  }

  stats() {
    return this.#control('stats');
  }

  async #control(action, request) {
    const response = await fetch(`${this.origin}/_control/${action}`, request);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text);
  }
}
