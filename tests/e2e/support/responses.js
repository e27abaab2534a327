// An upstream that speaks OpenAI's Responses to so many at once, and turns the others away.
import http from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

const item = { id: 'msg_1', type: 'message', role: 'assistant' };
const usage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 40 },
  output_tokens: 8,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 108,
};

function answerTo(model) {
  const content = [{ type: 'output_text', text: 'word0 word1', annotations: [] }];
  const whole = { ...item, status: 'completed', content };
  const response = { id: 'resp_1', object: 'response', model };
  return [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
    { type: 'response.output_item.done', output_index: 0, item: whole },
    {
      type: 'response.completed',
      response: { ...response, status: 'completed', output: [whole], usage },
    },
  ];
}

export class ResponsesUpstream {
  static async start(t, { limit, service_ms: serviceMs }) {
    const upstream = new ResponsesUpstream(limit, serviceMs);
    upstream.server.listen(0, '127.0.0.1');
    await once(upstream.server, 'listening');
    upstream.origin = `http://127.0.0.1:${upstream.server.address().port}`;
    t.after(() => {
      upstream.server.closeAllConnections();
      upstream.server.close();
    });
    return upstream;
  }

  constructor(limit, serviceMs) {
    this.counters = { requests: 0, throttled: 0, in_flight: 0, max_in_flight: 0 };
    this.server = http.createServer((request, response) =>
      this.#serve(request, response, limit, serviceMs),
    );
  }

  async stats() {
    return this.counters;
  }

  async #serve(request, response, limit, serviceMs) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const { counters } = this;
    if (request.method !== 'POST') {
      response.writeHead(404).end('{}');
      return;
    }
    counters.requests += 1;
    if (counters.in_flight >= limit) {
      counters.throttled += 1;
      response.writeHead(429, { 'content-type': 'application/json' });
      response.end('{"error":{"code":"1302","message":"Rate limit reached for requests"}}');
      return;
    }
    counters.in_flight += 1;
    counters.max_in_flight = Math.max(counters.max_in_flight, counters.in_flight);
    await pause(serviceMs);
    const { model } = JSON.parse(Buffer.concat(parts).toString());
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of answerTo(model)) {
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    response.end('data: [DONE]\n\n');
    counters.in_flight -= 1;
  }
}
