import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTempDir, FAKE_START, type TempDir } from '@signalbox/testkit';
import * as collectors from '../../src/evidence/collectors/index.js';
import type { ReportRun } from '../../src/index.js';
import { type Collecting, createCollecting, SECRET } from './collecting.js';

const { createCommandCollector, createCoverageCollector, createTestReportCollector, createUsageCollector, fileFacts } =
  collectors;

let folder: TempDir;
let store: TempDir;
let collecting: Collecting;
beforeEach(() => {
  folder = createTempDir();
  store = createTempDir();
  collecting = createCollecting(folder.path, store.path, { tree: 'aaaa' });
});
afterEach(() => {
  folder.remove();
  store.remove();
});

const write = (path: string, content: string | Uint8Array): string => {
  const full = join(folder.path, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, content);
  return full;
};

describe('the subpath of collectors', () => {
  it('exports these names and no others', () => {
    expect(Object.keys(collectors).sort()).toEqual([
      'REPORT_LIMITS',
      'TEST_REPORT_FORMATS',
      'compareListings',
      'createCommandCollector',
      'createCoverageCollector',
      'createFilesCollector',
      'createGitDiffCollector',
      'createListingDiffCollector',
      'createTestReportCollector',
      'createTreeDiffCollector',
      'createUsageCollector',
      'digestOfListing',
      'draftEvidence',
      'fileFacts',
      'hasRepository',
      'parseCoverage',
      'parseTestReport',
      'takeListing',
      'walkFolder',
    ]);
  });
});

describe('the command collector', () => {
  const outcome = {
    exitCode: 3,
    signal: null,
    timedOut: false,
    startedAt: FAKE_START,
    durationMs: 12.4,
    stdout: Buffer.from(`out ${SECRET}\n`),
    stderr: Buffer.from('err\n'),
    droppedBytes: 0,
  };

  it('keeps what a real command printed and how it ended', async () => {
    const collector = createCommandCollector({
      command: { argv: ['node', '-e', 'x', SECRET] },
      purpose: 'check',
      run: async (cwd) => {
        const child = spawnSync(process.execPath, ['-e', `console.log('${SECRET}', process.cwd()); process.exit(3)`], {
          cwd,
        });
        return { ...outcome, exitCode: child.status, stdout: child.stdout, stderr: child.stderr };
      },
    });
    const [draft] = await collecting.collect(collector);
    expect(draft).toMatchObject({ kind: 'command', producer: 'signalbox/command', grade: 'verified', tree: 'aaaa' });
    expect(draft?.summary).toMatchObject({
      purpose: 'check',
      command: ['node', '-e', 'x', expect.stringMatching(/^\[redacted:/)],
      exitCode: 3,
      startedAt: '2026-01-01T00:00:00.000Z',
      durationMs: 12,
    });
    expect(await collecting.contentOf(draft)).toMatch(
      new RegExp(`^\\[redacted:known-secret:\\w{8}\\] ${folder.path}\n$`),
    );
  });

  it('keeps both ends of a long output, and grades by who ran it', async () => {
    const long = {
      ...outcome,
      stdout: Buffer.from('a'.repeat(500) + SECRET + 'b'.repeat(500)),
      stderr: Buffer.from('end'),
    };
    const collector = createCommandCollector({
      command: { shell: 'x' },
      purpose: 'x',
      run: async () => long,
      origin: 'agent',
      maxBytes: 100,
    });
    const [draft] = await collecting.collect(collector);
    expect(await collecting.contentOf(draft)).toBe(`${'a'.repeat(50)}${'b'.repeat(47)}end`);
    expect(draft).toMatchObject({ grade: 'claimed', summary: { command: 'x', droppedBytes: expect.any(Number) } });
  });
});

describe('the collector of test reports', () => {
  const suite = 'import { test } from "node:test"; test("works", () => {});\n';
  /** Runs a real test, which writes a report below the folder. */
  const runTests = (): ReportRun => {
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
    const startedAt = Date.now();
    const args = ['--test', '--test-reporter=junit', '--test-reporter-destination=report.xml', 'a.test.mjs'];
    execFileSync(process.execPath, args, { cwd: folder.path, env });
    return { startedAt, finishedAt: Date.now(), exitCode: 0, tree: 'aaaa' };
  };
  const collect = (run: ReportRun | null, before: Awaited<ReturnType<typeof fileFacts>> = null, lastEditAt = 0) =>
    collecting.collect(
      createTestReportCollector({ format: 'junit', source: { path: 'report.xml', before }, run, lastEditAt }),
    );

  it('keeps a report of a run of ours, and says that it counts', async () => {
    write('a.test.mjs', suite);
    const before = await fileFacts(folder.path, 'report.xml');
    const [draft] = await collect(runTests(), before);
    expect(draft).toMatchObject({
      kind: 'test-report',
      grade: 'verified',
      tree: 'aaaa',
      summary: {
        tool: 'node-test',
        total: 1,
        passed: 1,
        failed: 0,
        skipped: 0,
        counts: true,
        doubts: [],
        failures: [],
      },
    });
    expect(await collecting.contentOf(draft)).toContain('<testcase name="works"');
  });

  it('says why a report of another origin does not count', async () => {
    write('report.xml', '<testsuite><testcase name="fine"/></testsuite>');
    const before = await fileFacts(folder.path, 'report.xml');
    const [fabricated] = await collect(null);
    expect(fabricated).toMatchObject({
      grade: 'claimed',
      summary: { counts: false, doubts: [{ code: 'REPORT_WITHOUT_RUN' }] },
    });
    const run = { startedAt: Date.now(), finishedAt: Date.now() + 5, exitCode: 0, tree: 'aaaa' };
    const [old] = await collect(run, before);
    expect(old?.summary['doubts']).toMatchObject([{ code: 'REPORT_FROM_BEFORE' }]);
    const [stale] = await collect(run, null, Date.now() + 60_000);
    expect(stale?.summary['doubts']).toMatchObject([{ code: 'REPORT_STALE' }]);
  });

  it('reads what a run printed, and names what failed', async () => {
    const output = Buffer.from('1..2\nok 1 - a\nnot ok 2 - b\n');
    const run = { startedAt: 1, finishedAt: 2, exitCode: 1, tree: 'aaaa' };
    const [draft] = await collecting.collect(
      createTestReportCollector({ format: 'tap', source: { output }, run, lastEditAt: null }),
    );
    expect(draft).toMatchObject({ grade: 'verified', summary: { failed: 1, failures: ['b'] } });
  });

  it('gives nothing without a report, and an error for one that it cannot read', async () => {
    expect(await collect(null)).toEqual([]);
    write('report.xml', '<testsuite>');
    await expect(collect(null)).rejects.toMatchObject({ code: 'REPORT_TRUNCATED' });
  });

  it('follows no link and opens no pipe', async () => {
    const outside = join(store.path, 'secret.xml');
    writeFileSync(outside, '<testsuite/>');
    symlinkSync(outside, join(folder.path, 'report.xml'));
    await expect(collect(null)).rejects.toMatchObject({
      code: 'COLLECT_FAILED',
      message: expect.stringContaining('leads out'),
    });
    rmSync(join(folder.path, 'report.xml'));
    write('real.xml', '<testsuite/>');
    symlinkSync('real.xml', join(folder.path, 'report.xml'));
    await expect(collect(null)).rejects.toMatchObject({ code: 'COLLECT_FAILED' });
    rmSync(join(folder.path, 'report.xml'));
    execFileSync('mkfifo', [join(folder.path, 'report.xml')]);
    await expect(collect(null)).rejects.toMatchObject({ message: expect.stringContaining('regular file') });
    await expect(fileFacts(folder.path, '../x')).rejects.toMatchObject({ code: 'COLLECT_FAILED' });
    await expect(fileFacts(folder.path, 'nowhere')).resolves.toBeNull();
    await expect(fileFacts(folder.path, 'real.xml/x')).resolves.toBeNull();
    await expect(fileFacts(folder.path, 'real.xml', 3)).rejects.toMatchObject({
      message: expect.stringContaining('limit of 3'),
    });
    symlinkSync('loop', join(folder.path, 'loop'));
    await expect(fileFacts(folder.path, 'loop')).rejects.toMatchObject({ code: 'COLLECT_FAILED' });
  });
});

describe('the coverage collector', () => {
  const run = (exitCode: number): ReportRun => ({
    startedAt: Date.now() - 50,
    finishedAt: Date.now() + 50,
    exitCode,
    tree: 'aaaa',
  });
  const options = { format: 'lcov' as const, path: 'lcov.info', before: null, lastEditAt: null };

  it('keeps coverage, of a failed run as well', async () => {
    expect(await collecting.collect(createCoverageCollector({ ...options, run: run(0) }))).toEqual([]);
    write('lcov.info', 'SF:a\nDA:1,1\nDA:2,0\nend_of_record\n');
    for (const exitCode of [0, 1]) {
      const [draft] = await collecting.collect(createCoverageCollector({ ...options, run: run(exitCode) }));
      expect(draft).toMatchObject({
        kind: 'coverage',
        grade: 'verified',
        summary: { lines: { covered: 1, total: 2 }, counts: true },
      });
    }
    const [claimed] = await collecting.collect(createCoverageCollector({ ...options, run: null }));
    expect(claimed).toMatchObject({ grade: 'claimed', summary: { doubts: [{ code: 'REPORT_WITHOUT_RUN' }] } });
  });

  it('keeps statements where they are counted', async () => {
    const counts = { total: 2, covered: 1, skipped: 0, pct: 50 };
    const all = { lines: counts, branches: counts, functions: counts, statements: counts };
    write('s.json', JSON.stringify({ total: all, '/a.ts': all }));
    const collector = createCoverageCollector({ ...options, format: 'istanbul-summary', path: 's.json', run: run(0) });
    expect((await collecting.collect(collector))[0]?.summary['statements']).toEqual({ covered: 1, total: 2 });
  });
});

describe('the usage collector', () => {
  it('keeps what is known, as a claim unless we counted', async () => {
    const usage = { model: 'm', inputTokens: 12, costUsd: 0.5, turns: undefined };
    const [claimed] = await collecting.collect(createUsageCollector({ usage: usage as { model: string } }));
    expect(claimed).toMatchObject({
      kind: 'usage',
      grade: 'claimed',
      tree: null,
      summary: { model: 'm', inputTokens: 12, costUsd: 0.5 },
    });
    expect(await collecting.contentOf(claimed)).toBe('{"costUsd":0.5,"inputTokens":12,"model":"m"}');
    expect((await collecting.collect(createUsageCollector({ usage: { turns: 1 }, origin: 'watched' })))[0]?.grade).toBe(
      'observed',
    );
    expect(await collecting.collect(createUsageCollector({ usage: {} }))).toEqual([]);
  });

  it.each([{ inputTokens: -1 }, { inputTokens: 1.5 }, { costUsd: Number.NaN }, { dollars: 3 }])(
    'refuses %j',
    async (usage) => {
      const collector = createUsageCollector({ usage: usage as { inputTokens: number } });
      await expect(collecting.collect(collector)).rejects.toMatchObject({ code: 'COLLECT_FAILED' });
    },
  );
});
