import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

// Until `condition`, which may be asynchronous, gives something true, and what that is. Fails the
// test, naming `what`, when that takes longer than any of our programs could need.
export async function waitUntil(what, condition) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    assert.ok(Date.now() < deadline, `waited in vain until ${what}`);
    await pause(10);
  }
}
