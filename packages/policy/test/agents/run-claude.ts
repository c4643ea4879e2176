import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createTempDir, type FakeTurn, startFakeAnthropic } from '@signalbox/testkit';
import type { CompiledPolicy } from '../../src/agents/index.js';

export interface ClaudeRun {
  /** The workspace, with what was left in it. */
  workspace: string;
  exit: number | null;
  output: string;
  /** What the model was told of each tool call. */
  results: string[];
}

export interface ClaudeCase {
  program: string;
  compiled: CompiledPolicy;
  /** Files of the workspace before the run. */
  files?: Readonly<Record<string, string>>;
  turns: (workspace: string) => FakeTurn[];
  /** Changes what was compiled before it is written. */
  change?: (settings: Record<string, unknown>) => Record<string, unknown>;
}

/** Runs the real claude in a workspace of its own under the compiled settings, with a scripted model, and looks at it. */
export async function runClaude(options: ClaudeCase, look: (run: ClaudeRun) => void | Promise<void>): Promise<void> {
  const place = createTempDir();
  const fake = await startFakeAnthropic();
  try {
    const workspace = join(place.path, 'workspace');
    const home = join(place.path, 'home');
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(workspace, path)), { recursive: true });
      writeFileSync(join(workspace, path), text);
    };
    mkdirSync(home);
    mkdirSync(workspace);
    for (const [path, text] of Object.entries(options.files ?? {})) write(path, text);
    const change = options.change ?? ((settings) => settings);
    for (const { path, text } of options.compiled.files) write(path, JSON.stringify(change(JSON.parse(text))));
    const prompt = `Go. <fake-model>${JSON.stringify([...options.turns(workspace), { text: 'Done.' }])}</fake-model>`;
    const { exit, output } = await run(options.program, prompt, { workspace, home, url: fake.url });
    const results = fake.requests.flatMap(({ toolResult, turn }) => (toolResult && turn ? [toolResult] : []));
    await look({ workspace, exit, output, results });
  } finally {
    await fake.close();
    place.remove();
  }
}

// By --settings, since claude takes what the settings of a project allow only from one that its user has trusted.
const SETTINGS = ['--setting-sources', '', '--settings', '.claude/settings.json'];
const ARGUMENTS = [...SETTINGS, '--output-format', 'stream-json', '--verbose', '--strict-mcp-config'];

function run(
  program: string,
  prompt: string,
  { workspace, home, url }: { workspace: string; home: string; url: string },
): Promise<{ exit: number | null; output: string }> {
  const child = spawn(program, ['-p', prompt, ...ARGUMENTS], {
    cwd: workspace,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      TMPDIR: home,
      SHELL: '/bin/bash',
      LANG: 'C.UTF-8',
      CLAUDE_CONFIG_DIR: join(home, '.claude'),
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: 'sk-ant-dummy',
      ANTHROPIC_MODEL: 'claude-fake-1',
      API_TIMEOUT_MS: '15000',
      CLAUDE_CODE_MAX_RETRIES: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.on('data', (part: Buffer) => parts.push(part));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, output: Buffer.concat(parts).toString('utf8') }));
  });
}
