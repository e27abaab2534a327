// An upstream of HTTP/2 that ends a connection says which requests it has not seen: those go out
// again, and no others.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import http2 from 'node:http2';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { Gateway } from './support/gateway.js';

const message = JSON.stringify({ type: 'message', usage: { input_tokens: 1, output_tokens: 1 } });
const prompt = JSON.stringify({ model: 'glm-4.7', messages: [{ role: 'user', content: 'hi' }] });

// `serve(stream, connection, socket)`: a request has come on the connection of that number.
async function startUpstream(t, serve) {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'zbroker-e2e.'));
  t.after(() => fs.rm(folder, { recursive: true }));
  const key = path.join(folder, 'key.pem');
  const cert = path.join(folder, 'cert.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
    '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
    '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const server = http2.createSecureServer({ key: await fs.readFile(key), cert: await fs.readFile(cert) });
  const sockets = [];
  server.on('connection', (socket) => sockets.push(socket));
  server.on('session', (session) => {
    const connection = sockets.length;
    const socket = sockets.at(-1);
    session.on('error', () => {});
    session.on('stream', (stream) => {
      stream.on('error', () => {});
      serve(stream, connection, socket);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `https://localhost:${server.address().port}`, cert };
}

// With its length: libcurl 7.88 may miss the end of a stream that a GOAWAY came before.
function answer(stream) {
  stream.respond({
    ':status': 200,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(message),
  });
  stream.end(message);
}

async function post(gateway) {
  const response = await fetch(`${gateway.baseUrl}/v1/messages`, { method: 'POST', body: prompt });
  return { status: response.status, body: await response.text() };
}

test('a request that GOAWAY says was not seen goes out again, under the same lease', async (t) => {
  const seen = [];
  const upstream = await startUpstream(t, (stream, connection, socket) => {
    seen.push(connection);
    if (seen.length !== 2) return answer(stream);
    stream.session.goaway(http2.constants.NGHTTP2_NO_ERROR, 1);
    return setImmediate(() => socket.end());
  });
  const gateway = await Gateway.start(t, upstream.url, { environment: { SSL_CERT_FILE: upstream.cert } });
  assert.equal((await post(gateway)).body, message);
  assert.deepEqual(await post(gateway), { status: 200, body: message });
  assert.deepEqual(seen, [1, 1, 2]);
  assert.equal((await gateway.settledLedger()).length, 2);
});

test('a request that may have been seen does not', async (t) => {
  const seen = [];
  const upstream = await startUpstream(t, (stream, connection, socket) => {
    seen.push(connection);
    if (seen.length !== 2) return answer(stream);
    return socket.destroy();
  });
  const gateway = await Gateway.start(t, upstream.url, { environment: { SSL_CERT_FILE: upstream.cert } });
  assert.equal((await post(gateway)).body, message);
  assert.equal((await post(gateway)).status, 502);
  assert.deepEqual(seen, [1, 1]);
});

// On a new connection, and on one that was used before.
test('a request whose stream the upstream refuses goes out again, once', async (t) => {
  const seen = [];
  const refused = new Set([1, 4, 6, 7]);
  const upstream = await startUpstream(t, (stream, connection) => {
    seen.push(connection);
    if (!refused.has(seen.length)) return answer(stream);
    return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
  });
  const gateway = await Gateway.start(t, upstream.url, { environment: { SSL_CERT_FILE: upstream.cert } });
  for (const count of [2, 3, 5]) {
    assert.deepEqual(await post(gateway), { status: 200, body: message });
    assert.equal(seen.length, count);
  }
  assert.equal((await post(gateway)).status, 502);
  assert.equal(seen.length, 7);
  assert.equal((await gateway.settledLedger()).length, 4);
});

test('a request that a reset of a kept connection takes along does not', async (t) => {
  const seen = [];
  const upstream = await startUpstream(t, (stream, connection, socket) => {
    seen.push(connection);
    if (seen.length !== 2) return answer(stream);
    return socket.resetAndDestroy();
  });
  const gateway = await Gateway.start(t, upstream.url, { environment: { SSL_CERT_FILE: upstream.cert } });
  assert.equal((await post(gateway)).body, message);
  assert.equal((await post(gateway)).status, 502);
  assert.deepEqual(seen, [1, 1]);
});

test('a request that GOAWAY says was seen is waited for', async (t) => {
  const seen = [];
  const upstream = await startUpstream(t, (stream, connection) => {
    seen.push(connection);
    stream.session.goaway(http2.constants.NGHTTP2_NO_ERROR, stream.id);
    setImmediate(() => answer(stream));
  });
  const gateway = await Gateway.start(t, upstream.url, { environment: { SSL_CERT_FILE: upstream.cert } });
  assert.deepEqual(await post(gateway), { status: 200, body: message });
  assert.deepEqual(await post(gateway), { status: 200, body: message });
  assert.deepEqual(seen, [1, 2]);
});

test('a stream that fails for any other reason does not go out again', async (t) => {
  const seen = [];
  const upstream = await startUpstream(t, (stream, connection) => {
    seen.push(connection);
    return stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  });
  const gateway = await Gateway.start(t, upstream.url, { environment: { SSL_CERT_FILE: upstream.cert } });
  assert.equal((await post(gateway)).status, 502);
  assert.deepEqual(seen, [1]);
});
