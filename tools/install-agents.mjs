import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, root, say } from './lib/run.mjs';

// The newest that run on Node 20. The tests drive this binary; users' own versions are probed at run time.
const AGENTS = {
  '@anthropic-ai/claude-code': '2.1.197',
  '@openai/codex': '0.169.0',
  '@zed-industries/claude-agent-acp': '0.23.1',
};

const folder = join(root, '.cache', 'agents');
const manifest = join(folder, 'package.json');
const wanted = `${JSON.stringify({ name: 'agents', private: true, dependencies: AGENTS }, null, 2)}\n`;
const installed =
  existsSync(join(folder, 'node_modules')) && existsSync(manifest) && readFileSync(manifest, 'utf8') === wanted;

if (installed) {
  say('The agents are installed already.');
} else {
  say('Installing the pinned agents into .cache/agents (about 740 MB) …');
  mkdirSync(folder, { recursive: true });
  writeFileSync(manifest, wanted);
  await mustRun('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-package-lock'], {
    quiet: true,
  });
}
