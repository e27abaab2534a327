// An upstream that keeps the very bytes of what it gets and answers with what a test hands it.
import http from 'node:http';
import { once } from 'node:events';

export class Replay {
  // `answers`: one function (response) for each request to come; the last one serves all others.
  static async start(t, ...answers) {
    const replay = new Replay(answers);
    replay.server.listen(0, '127.0.0.1');
    await once(replay.server, 'listening');
    replay.origin = `http://127.0.0.1:${replay.server.address().port}`;
    t.after(() => {
      replay.server.closeAllConnections();
      replay.server.close();
    });
    return replay;
  }

  constructor(answers) {
    this.requests = []; // { method, target, headers: [[name, value]], body: Buffer }
    this.server = http.createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      this.requests.push({
        method: request.method,
        target: request.url,
        headers: pairs(request.rawHeaders),
        body: Buffer.concat(parts),
      });
      await (answers.length > 1 ? answers.shift() : answers[0])(response);
    });
  }
}

function pairs(flat) {
  const list = [];
  for (let i = 0; i < flat.length; i += 2) list.push([flat[i], flat[i + 1]]);
  return list;
}

export function json(value) {
  return (response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  };
}

// `pieceBytes`: so many bytes in a write, wherever that cuts the text.
export function events(list, pieceBytes) {
  const bytes = Buffer.from(list.map(eventText).join(''));
  return async (response) => {
    response.setHeader('content-type', 'text/event-stream; charset=utf-8');
    for (let i = 0; i < bytes.length; i += pieceBytes) {
      await new Promise((written) => {
        response.write(bytes.subarray(i, i + pieceBytes), written);
      });
    }
    response.end();
  };
}

// Anthropic's events bear their type as a name, OpenAI's bear none.
function eventText(event) {
  const name = event.type === undefined ? '' : `event: ${event.type}\n`;
  const data = typeof event === 'string' ? event : JSON.stringify(event);
  return `${name}data: ${data}\n\n`;
}
