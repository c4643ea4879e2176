import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bootId, processIdentity } from '@signalbox/connectors';
import { systemClock } from '@signalbox/kernel';
import { createTempDir } from '@signalbox/testkit';
import { readConfig } from '../src/index.js';
import { findHome, projectPaths } from '../src/project/index.js';
import { reservePorts } from '../src/workspace/ports.js';
import { add, execute, type Project, shellAI, withProject } from './support/bench.js';

function configure(project: Project, workspace: string): void {
  project.write('.ai/config.yaml', `version: 1\nbase: main\nworkspace: ${workspace}\n`);
  project.trust();
}

const self = {
  host: hostname(),
  boot: bootId(),
  pid: process.pid,
  startTime: processIdentity(process.pid)?.startTime ?? '',
};

async function withHome(
  test: (request: Omit<Parameters<typeof reservePorts>[0], 'count' | 'attempt'>) => Promise<void>,
) {
  const place = createTempDir();
  try {
    await test({ home: findHome({ SIGNALBOX_HOME: place.path }), clock: systemClock, holder: self });
  } finally {
    place.remove();
  }
}

const SAY = 'echo "$PORT $SIGNALBOX_PORT $SIGNALBOX_PORT_1 $SIGNALBOX_PORT_2 $URL $WHO $WHERE" >> "$SEEN"\n';

describe('ports and variables of an attempt', () => {
  it('are the same for set-up, agent and checks, each in its own folder', () =>
    withProject({ files: { 'say.sh': SAY } }, async (project) => {
      const env = `{ URL: 'http://127.0.0.1:{{port2}}/', WHO: '{{ task }}', WHERE: '{{workspace}}', SEEN: '${project.place}/seen' }`;
      const seen = join(project.place, 'seen');
      configure(project, `{ setup: ['sh say.sh'], ports: 2, env: ${env} }`);
      const box = await project.open();
      await shellAI(box, 'sh say.sh; echo x > b.txt');
      const { task } = await execute(box, await add(box, { checks: ['sh say.sh'] }));
      expect(task.status).toBe('done');
      const lines = readFileSync(seen, 'utf8').trimEnd().split('\n');
      const [attempt] = await box.tasks.attempts(task.id);
      const [one, two] = (attempt?.data['ports'] ?? []) as number[];
      const folder = join(box.store.paths.worktrees, task.id);
      const line = (where: string) => `${one} ${one} ${one} ${two} http://127.0.0.1:${two}/ ${task.id} ${where}`;
      expect(lines).toEqual([line(folder), line(folder), line(`${folder}.check`), line(`${folder}.check`)]);
      expect(readdirSync(join(box.store.paths.home.cache, 'ports', hostname()))).toEqual([]);
    }));

  it('are said to be wrong where they are written', () =>
    withProject({}, async (project) => {
      const paths = projectPaths(project.root, findHome(project.environment));
      for (const [workspace, why] of [
        ['{ ports: 0 }', /workspace\.ports/],
        ['{ ports: 101 }', /workspace\.ports/],
        ["{ env: { URL: '{{port}}' } }", /needs `ports:` to be at least 1/],
        ["{ ports: 1, env: { URL: '{{port2}}' } }", /needs `ports:` to be at least 2/],
        ["{ env: { URL: '{{home}}' } }", /is not known/],
        ["{ env: { SIGNALBOX_AI: 'x' } }", /are set by Signalbox/],
        ["{ env: { 'A B': 'x' } }", /no name of a variable/],
        ["{ copy: ['/etc/passwd'] }", /below the project/],
        ["{ copy: ['../x'] }", /below the project/],
        ["{ copy: ['.ai/state/keys/*'] }", /nothing of \.ai/],
        ["{ copy: ['lib/.git/config'] }", /nothing of \.ai/],
        ["{ copy: ['a[b'] }", /no glob/],
        ['{ keep: 7 }', /workspace\.keep/],
        ["{ keep: '7 days' }", /such as 7d/],
      ] as const) {
        project.write('.ai/config.yaml', `version: 1\nbase: main\nworkspace: ${workspace}\n`);
        expect(() => readConfig(paths)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
        expect(() => readConfig(paths)).toThrow(why);
      }
      project.write('.ai/config.yaml', 'version: 1\nbase: main\nworkspace: { keep: 36h, ports: 3 }\n');
      expect(readConfig(paths, { asIfTrusted: true }).workspace).toMatchObject({ keep: 36 * 3_600_000, ports: 3 });
      expect(readConfig(paths).workspace.ports).toBeUndefined();
    }));
});

describe('reserving ports', () => {
  it('gives nobody what another has, until it is let go', () =>
    withHome(async (request) => {
      const [one, two] = await Promise.all([
        reservePorts({ ...request, count: 50, attempt: 'a' }),
        reservePorts({ ...request, count: 50, attempt: 'a' }),
      ]);
      expect(new Set([...one.ports, ...two.ports]).size).toBe(100);
      await one.release();
      await one.release();
      const again = await reservePorts({ ...request, count: 50, attempt: 'a' });
      expect(again.ports).toEqual(one.ports);
    }));

  it('passes over a port on which somebody listens', () =>
    withHome(async (request) => {
      const first = await reservePorts({ ...request, count: 1, attempt: 'x' });
      await first.release();
      const server = createServer();
      server.listen(first.ports[0], '127.0.0.1');
      await once(server, 'listening');
      const second = await reservePorts({ ...request, count: 1, attempt: 'x' });
      expect(second.ports).not.toEqual(first.ports);
      server.close();
      await once(server, 'close');
    }));

  it('takes over from a holder that has died, and from what it has half written', () =>
    withHome(async (request) => {
      const child = spawn('true');
      await once(child, 'exit');
      const dead = { ...self, pid: child.pid ?? 0, startTime: '1' };
      const gone = await reservePorts({ ...request, holder: dead, count: 2, attempt: 'x' });
      const folder = join(request.home.cache, 'ports', hostname());
      writeFileSync(join(folder, String(gone.ports[1])), '{"half');
      const next = await reservePorts({ ...request, count: 2, attempt: 'x' });
      expect(next.ports).toEqual(gone.ports);
      const other = await reservePorts({ ...request, count: 2, attempt: 'x' });
      expect(other.ports.some((port) => next.ports.includes(port))).toBe(false);
    }));

  it('says so when there are too few', () =>
    withHome(async (request) => {
      const folder = join(request.home.cache, 'ports', hostname());
      const first = await reservePorts({ ...request, count: 1, attempt: 'x' });
      const text = JSON.stringify({ attempt: 'y', holder: self });
      for (let port = 20_000; port < 30_000; port++) writeFileSync(join(folder, String(port)), text);
      await expect(reservePorts({ ...request, count: 1, attempt: 'x' })).rejects.toMatchObject({
        code: 'WORKSPACE_FAILED',
      });
      await first.release();
    }));
});
