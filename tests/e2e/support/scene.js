// An upstream, a gateway before it, and the SDKs' clients for both.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

import { Gateway } from './gateway.js';
import { Upstream } from './upstream.js';

const openAiPath = '/api/coding/paas/v4';

export function anthropicClient(baseURL, options) {
  return new Anthropic({ baseURL, apiKey: 'test-key', authToken: null, maxRetries: 0, ...options });
}

export function openAiClient(baseURL, options) {
  return new OpenAI({ baseURL, apiKey: 'test-key', maxRetries: 0, ...options });
}

// Clients that differ only in the way they take: straight to an origin, and through a gateway.
export class Clients {
  constructor(origin, gateway) {
    this.anthropicUrls = [`${origin}/api/anthropic`, gateway.baseUrl];
    this.openAiUrls = [origin + openAiPath, gateway.baseUrl + openAiPath];
  }

  // { direct, through }
  anthropic(options) {
    return pair(this.anthropicUrls.map((url) => anthropicClient(url, options)));
  }

  openAi(options) {
    return pair(this.openAiUrls.map((url) => openAiClient(url, options)));
  }
}

function pair([direct, through]) {
  return { direct, through };
}

// Everything that one test needs, ended with it. `upstream`: settings; `gateway`: as
// Gateway.start() takes them.
export async function startScene(t, { upstream: settings = {}, gateway: options } = {}) {
  const upstream = await Upstream.start(t, settings);
  const gateway = await Gateway.start(t, `${upstream.origin}/api/anthropic`, options);
  return { upstream, gateway, clients: new Clients(upstream.origin, gateway) };
}
