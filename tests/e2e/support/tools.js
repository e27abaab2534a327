// The command lines of tools that are open source: how each is told where its requests go, and
// asked one thing.
import fs from 'node:fs/promises';
import path from 'node:path';
import { execFile } from 'node:child_process';

// Where they are, unless they are in PATH: a node_modules/.bin, say.
const folders = [process.env.E2E_TOOLS, ...process.env.PATH.split(path.delimiter)].filter(Boolean);

const openCodeConfig = (url) =>
  `{
  // mine
  "$schema": "https://opencode.ai/config.json",
  "model": "zai/glm-4.7", "small_model": "zai/glm-4.5-air", "autoupdate": false, "share": "disabled",
  "provider": {"zai": {"npm": "@ai-sdk/openai-compatible", "name": "zai",
    "options": {"baseURL": "${url}/api/coding/paas/v4", "apiKey": "test-key"},
    "models": {"glm-4.7": {"name": "glm"}, "glm-4.5-air": {"name": "air"}}}}
}
`;

// `file`: its settings, below the home. `setup`: what zctl setup calls it. `responses`: it speaks
// that protocol alone.
export const tools = [
  {
    name: 'opencode',
    file: '.config/opencode/opencode.json',
    config: openCodeConfig,
    args: (question) => ['run', question],
  },
  {
    name: 'kilo',
    file: '.config/kilo/kilo.json',
    config: openCodeConfig,
    args: (question) => ['run', question],
  },
  {
    name: 'cline',
    file: '.cline/data/settings/providers.json',
    config: (url) =>
      JSON.stringify({
        version: 1,
        lastUsedProvider: 'zai-coding-plan',
        providers: {
          'zai-coding-plan': {
            settings: {
              provider: 'zai-coding-plan',
              apiKey: 'test-key',
              model: 'glm-4.7',
              baseUrl: `${url}/api/coding/paas/v4`,
            },
            updatedAt: '2026-01-01T00:00:00.000Z',
            tokenSource: 'manual',
          },
        },
      }),
    args: (question) => [question],
  },
  {
    name: 'cn',
    setup: 'continue',
    file: '.continue/config.yaml',
    config: (url) => `name: mine
version: 1.0.0
schema: v1
models:
  - name: GLM # the plan
    provider: openai
    model: glm-4.7
    apiKey: test-key
    apiBase: ${url}/api/coding/paas/v4
    roles: [chat]
`,
    args: (question) => ['-p', question],
  },
  {
    name: 'codex',
    responses: true,
    file: '.codex/config.toml',
    config: (url) => `model = "glm-4.7" # mine
model_provider = "zai"
[model_providers.zai]
name = "zai"
base_url = "${url}/api/v1"
env_key = "TEST_KEY"
wire_api = "responses"
`,
    args: (question) => ['exec', '--skip-git-repo-check', question],
  },
];

// Empty if it is not installed.
export async function programOf(tool) {
  for (const folder of folders) {
    const file = path.join(folder, tool.name);
    const found = await fs.access(file, fs.constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return '';
}

export async function configure(tool, home, url) {
  const file = path.join(home, tool.file);
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, tool.config(url));
  return file;
}

export const quietTools = {
  TEST_KEY: 'test-key',
  CLINE_NO_AUTO_UPDATE: '1',
  CLINE_SESSION_BACKEND_MODE: 'local', // its hub would outlive the test
  KILO_DISABLE_AUTOUPDATE: '1',
  KILO_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
};

// { code, stdout, stderr }, whatever the exit status.
export function run(program, args, env, cwd) {
  return new Promise((done) => {
    const options = { env, cwd, timeout: 300_000, maxBuffer: 1 << 24 };
    const child = execFile(program, args, options, (error, stdout, stderr) =>
      done({ code: error ? error.code : 0, stdout, stderr }),
    );
    child.stdin.end();
  });
}
