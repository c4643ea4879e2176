import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, nx, root, say } from './run.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  say(`Node ${process.versions.node} is too old: Signalbox needs 20.19 or later.`);
  process.exit(1);
}

/** Installs what the lock file says, unless that is what is there. */
export async function ensureInstalled() {
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.signalbox-installed');
  const key = `${digest} node-abi-${process.versions.modules}\n`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return;
  say('Installing dependencies (the first time about one to two minutes; a SQLite driver may have to be compiled) …');
  await mustRun('npm', ['ci', '--no-audit', '--no-fund'], { quiet: true });
  writeFileSync(stamp, key);
}

/** Builds every package, or one and what it needs. What has not changed comes from the cache. */
export async function ensureBuilt(project) {
  say(project ? `Building ${project} …` : 'Building every package …');
  const target = project ? ['run', `${project}:build`] : ['run-many', '-t', 'build'];
  await mustRun(nx, [...target, '--outputStyle=static'], { quiet: true });
}
