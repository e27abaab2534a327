// What came of a call, in a form in which two of the same call are equal.
import assert from 'node:assert/strict';

// The upstream numbers its answers and errors and names them by the time.
const requestId = /\d{14}[0-9a-f]{18}/g;

// Of the hop, or made anew for each answer, or the gateway's own.
const headersOfTheWay = /^(connection|keep-alive|transfer-encoding|content-length|date|x-zbroker-.*)$/;

function normalise(value) {
  const text = JSON.stringify(value, (key, member) => (key === 'created' ? 0 : member));
  return text === undefined ? undefined : JSON.parse(text.replace(requestId, '(request id)'));
}

export function headersOf(response) {
  return Object.fromEntries([...response.headers].filter(([name]) => !headersOfTheWay.test(name)));
}

function describeError(error) {
  return {
    class: error.constructor.name,
    status: error.status,
    message: error.message,
    body: error.error,
    type: error.type,
    code: error.code,
    requestId: error.requestID,
  };
}

// { value } or { error }.
export async function outcomeOf(call) {
  try {
    return normalise({ value: await call() });
  } catch (error) {
    return normalise({ error: describeError(error) });
  }
}

// Makes the call direct and then through the gateway, asserts that the same came of both, and
// returns that.
export async function assertSame(clients, call) {
  const direct = await outcomeOf(() => call(clients.direct));
  const through = await outcomeOf(() => call(clients.through));
  assert.deepEqual(through, direct);
  return direct;
}

// All events of a stream. An error in the stream is thrown.
export async function eventsOf(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}
