import { describe, expect, it } from '@jest/globals';
import { runChecks } from '../src/executor/run-checks.js';
import { claimThroughDoor, completeByHand, startByHand } from '../src/index.js';
import { add, execute, kinds, landForeign, type Project, shellAI, USER, withProject } from './support/bench.js';

const CONFIG = `evidence:
  reports:
    - { format: junit, path: 'reports/*.xml' }
  coverage:
    - { format: lcov, path: 'coverage/lcov.info' }
  files: ['*.log']
`;
const suite = (tests: number, cases: string, more = ''): string =>
  `<testsuite name="s" tests="${tests}"${more}>${cases}</testsuite>`;
const GOOD = suite(1, '<testcase name="adds"/>');
const write = (xml: string, file = 'reports/a.xml'): string => `mkdir -p reports; echo '${xml}' > ${file}`;
const TAP = "printf 'TAP version 13\\nok 1 - adds\\n1..1\\n'";

/** A project that collects reports, with an agent that runs `script`. */
async function reporting(
  script: string,
  test: (project: Project) => Promise<void>,
  files: Record<string, string> = {},
): Promise<void> {
  await withProject({ files: { 'README.md': '# x\n', ...files } }, async (project) => {
    project.write('.ai/config.yaml', `${project.read('.ai/config.yaml')}${CONFIG}`);
    project.trust();
    const box = await project.open();
    await shellAI(box, script);
    await box.close();
    await test(project);
  });
}

async function check(project: Project, ...checks: string[]) {
  const box = await project.open();
  return { box, ...(await execute(box, await add(box, { checks }))) };
}

describe('a test report that a check leaves', () => {
  it.each([
    ['in a file', write(GOOD)],
    ['on its standard output', `echo '> npm test'; ${TAP}`],
    ['for each of several suites, of which one is empty', `${write(GOOD)}; ${write(suite(0, ''), 'reports/b.xml')}`],
  ])('is verified evidence when it is %s', (_where, command) =>
    reporting('echo x > b.txt', async (project) => {
      const { task, verdict, evidence } = await check(project, command);
      expect(task.status).toBe('done');
      expect(verdict).toMatchObject({ pass: true, tests: { total: 1, passed: 1, failed: 0 } });
      const reports = evidence.filter(({ kind }) => kind === 'test-report');
      expect(reports[0]).toMatchObject({ grade: 'verified', summary: { total: 1, counts: true, doubts: [] } });
      expect(reports[0]?.tree).toMatch(/^[0-9a-f]{40}$/);
    }),
  );

  it('comes from a real run of node --test', () =>
    reporting(
      "mkdir test; echo \"import { it } from 'node:test'; it('adds', () => {});\" > test/a.test.mjs",
      async (project) => {
        const { task, verdict } = await check(project, 'node --test --test-reporter=tap');
        expect(task.status).toBe('done');
        expect(verdict.tests).toMatchObject({ total: 1, failed: 0 });
      },
    ));

  it('tells the next attempt which tests failed', () =>
    reporting('echo x > b.txt', async (project) => {
      const xml = suite(2, '<testcase name="adds"/><testcase name="divides"><failure message="no"/></testcase>');
      const { task, verdict } = await check(project, `${write(xml)}; exit 1`);
      expect(verdict.reasons.map(({ code }) => code)).toEqual(['CHECK_FAILED']);
      expect(task.failure?.message).toContain('exited with 1; 1 of 2 tests failed: s > divides.');
    }));

  it.each<[string, string, string, string]>([
    ['is empty', 'true', "printf 'TAP version 13\\n1..0\\n'", 'REPORT_EMPTY'],
    ['skips every test', 'true', "printf 'TAP version 13\\nok 1 - a # SKIP\\n1..1\\n'", 'REPORT_ALL_SKIPPED'],
    ['was made by the agent', write(GOOD), 'true', 'REPORT_FROM_BEFORE'],
    [
      'is from another time',
      'true',
      write(suite(1, '<testcase name="a"/>', ' timestamp="2001-01-01T00:00:00Z"')),
      'REPORT_OUTSIDE_RUN',
    ],
    [
      'lists failures though the check succeeds',
      'true',
      "printf 'TAP version 13\\nnot ok 1 - a\\n1..1\\n'",
      'REPORT_EXIT_DISAGREES',
    ],
    ['declares other numbers than it lists', 'true', write(suite(7, '<testcase name="a"/>')), 'REPORT_CONTRADICTORY'],
    ['is no report', 'true', write('hello'), 'REPORT_MALFORMED'],
    ['is cut off', 'true', 'mkdir reports; printf "<testsuite><testcase" > reports/a.xml', 'REPORT_TRUNCATED'],
    ['declares entities', 'true', write('<!DOCTYPE x [<!ENTITY a "b">]><testsuite/>'), 'REPORT_FORBIDDEN'],
    ['is a link', 'true', 'mkdir reports; ln -s /etc/hostname reports/a.xml', 'REPORT_UNREADABLE'],
  ])('makes the verdict refuse when it %s', (_what, script, command, code) =>
    reporting(`echo x > b.txt; ${script}`, async (project) => {
      const { task, verdict, evidence } = await check(project, command);
      expect(task).toMatchObject({ status: 'queued', failure: { class: 'checks_failed' } });
      expect(verdict).toMatchObject({ pass: false, needsPerson: false, reasons: [{ code }] });
      expect(verdict.reasons[0]?.message).toMatch(/^(reports\/a\.xml|The output of `.*`): \S.*\.$/);
      const report = evidence.find(({ kind }) => kind === 'test-report');
      expect(report).toMatchObject({ grade: 'claimed', summary: { counts: false, doubts: [{ code }] } });
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(project.git('rev-parse', 'main'));
    }),
  );

  it('makes it refuse when it was there before the work began', () =>
    reporting(
      'echo x > b.txt',
      async (project) => {
        const { verdict } = await check(project, 'true');
        expect(verdict.reasons).toEqual([
          {
            code: 'REPORT_FROM_BEFORE',
            message: 'reports/old.xml: The report file was there before the run, and the run did not write it.',
          },
        ]);
      },
      { 'reports/old.xml': GOOD },
    ));

  it('makes it refuse when it hides the failure that the exit code tells of', () =>
    reporting('echo x > b.txt', async (project) => {
      const { verdict } = await check(project, `${TAP}; exit 1`);
      expect(verdict.reasons.map(({ code }) => code)).toEqual(['CHECK_FAILED', 'REPORT_HIDES_FAILURE']);
    }));

  it('makes it refuse when it is older than the last edit', () =>
    reporting('true', async (project) => {
      const box = await project.open();
      const { signal } = new AbortController();
      const marker = { attempt: 'att_1', ai: 'check' };
      const scope = { marker, task: 'tsk_1', folder: project.root, timeoutMs: 60_000, signal };
      const lastEditAt = box.store.clock.now() + 60_000;
      const { reportReasons } = await runChecks(box.executor, { ...scope, lastEditAt }, [write(GOOD)], null);
      expect(reportReasons).toEqual([
        { code: 'REPORT_STALE', message: expect.stringContaining('before the last edit') },
      ]);
    }));

  it('makes it refuse when there are more than anybody can look at', () =>
    reporting('echo x > b.txt', async (project) => {
      const { verdict } = await check(
        project,
        'mkdir reports; cd reports; for i in $(seq 1001); do echo x > $i.xml; done',
      );
      expect(verdict.reasons.map(({ code }) => code)).toContain('REPORT_UNREADABLE');
      expect(verdict.reasons.map(({ message }) => message).join('\n')).toContain('More than 1000 files match');
    }));

  it('is nobody’s fault when it only looks like one', () =>
    reporting('echo x > b.txt', async (project) => {
      const { task, evidence } = await check(project, "printf 'TAP version 13\\nok 1 - a\\n1..9\\n'");
      expect(task.status).toBe('done');
      expect(evidence.find(({ kind }) => kind === 'test-report')).toMatchObject({ grade: 'claimed' });
    }));
});

describe('what else the project wants collected', () => {
  it('is kept after the checks: coverage and files', () =>
    reporting('echo x > b.txt', async (project) => {
      const lcov = 'SF:a.js\\nDA:1,1\\nDA:2,0\\nend_of_record\\n';
      const { evidence } = await check(
        project,
        `mkdir coverage; printf '${lcov}' > coverage/lcov.info; echo hi > run.log`,
      );
      expect(evidence.find(({ kind }) => kind === 'coverage')).toMatchObject({
        grade: 'verified',
        summary: { lines: { covered: 1, total: 2 } },
      });
      expect(evidence.find(({ kind }) => kind === 'artefact')).toMatchObject({ summary: { path: 'run.log' } });
    }));

  it('is a claim that says why when it cannot be read, and no reason to refuse', () =>
    reporting('echo x > b.txt', async (project) => {
      const { task, evidence } = await check(
        project,
        'mkdir coverage; echo no > coverage/lcov.info; mkfifo a.log; ln -s README.md c.log',
      );
      expect(task.status).toBe('done');
      expect(evidence.find(({ kind }) => kind === 'coverage')).toMatchObject({
        grade: 'claimed',
        summary: { counts: false, doubts: [{ code: 'REPORT_MALFORMED' }] },
      });
    }));

  it.each([
    ['reports: [{ format: xml, path: a }]', 'evidence.reports.0.format'],
    ['reports: [{ format: tap, path: ../a }]', 'evidence.reports.0.path: name files below the project'],
    ['reports: [{ format: tap }]', 'evidence.reports.0.path'],
    ['files: ["[a"]', 'evidence.files.0'],
    ['maxBytes: 10', 'evidence.maxBytes'],
    ['reprots: []', 'reprots'],
  ])('is refused in the configuration as %s', (text, message) =>
    withProject({}, async (project) => {
      project.write('.ai/config.yaml', `${project.read('.ai/config.yaml')}evidence: { ${text} }\n`);
      await expect(project.open()).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/config\.yaml:\d+:\d+: /),
      });
      await expect(project.open()).rejects.toThrow(message);
    }),
  );
});

describe('an obligation to evidence', () => {
  const withRule = (project: Project, action: string): void => {
    const rule = `  - { id: proof, effect: allow, on: [${action}], obligations: [{ evidence: test-report }], reason: Tests }\n`;
    project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rule}`));
    project.trust();
  };

  it.each(['task.complete', 'task.land'])('on %s is a deny when there is no report that counts', (action) =>
    reporting('echo x > b.txt', async (project) => {
      withRule(project, action);
      const { box, task } = await check(project, 'true');
      expect(task).toMatchObject({ status: 'blocked', attempt: 0 });
      expect(JSON.stringify(task.blockedBy)).toContain('evidence of kind test-report');
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(project.git('rev-parse', 'main'));
      expect(kinds(box, `task/${task.id}`)).not.toContain('landing.landed');
    }),
  );

  it.each(['task.complete', 'task.land'])('on %s is met by a report of at least one test', (action) =>
    reporting('echo x > b.txt', async (project) => {
      withRule(project, action);
      const { task, verdict } = await check(project, TAP);
      expect({ status: task.status, verdict }).toMatchObject({ status: 'done', verdict: { pass: true } });
    }),
  );

  it('holds for what is merged with what landed meanwhile, as do the doubts about its reports', () =>
    reporting('echo mine > mine.txt', async (project) => {
      withRule(project, 'task.complete');
      const box = await project.open();
      const run = async (command: string, path: string) => {
        const task = await add(box, { checks: [command] });
        const on = ({ step }: { step: string }) =>
          void (step === 'agent' && landForeign(project, box, path, 'other\n'));
        return (await execute(box, task, { on })).task;
      };
      const without = await run(`test -e other.txt || ${TAP}`, 'other.txt');
      expect(without).toMatchObject({ status: 'queued', failure: { class: 'checks_failed' } });
      expect(without.failure?.message).toContain('there is no evidence of kind test-report, which policy demands');
      const empty = await run(
        `if test -e more.txt; then printf 'TAP version 13\\n1..0\\n'; else ${TAP}; fi`,
        'more.txt',
      );
      expect(empty.failure?.message).toMatch(/^Once merged with what landed meanwhile: .*: No test ran\.$/);
    }));

  it.each([
    ['deny', 'human', 'Policy denies'],
    ['ask', 'approval', 'complete tsk_'],
  ])('is not all that counts: %s on task.complete holds for Signalbox too', (effect, kind, text) =>
    reporting('echo x > b.txt', async (project) => {
      const rule = `  - { id: never, effect: ${effect}, on: [task.complete], reason: A test }\n`;
      project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rule}`));
      project.trust();
      const { task } = await check(project, 'true');
      expect(task).toMatchObject({ status: 'blocked', attempt: 0, blockedBy: [{ kind }] });
      expect(JSON.stringify(task.blockedBy)).toContain(text);
    }),
  );

  it('holds for a task that is completed by hand', () =>
    reporting('true', async (project) => {
      withRule(project, 'task.complete');
      const box = await project.open();
      const env = { tasks: box.tasks, door: box.door, actor: USER };
      const byHand = async (command: string, noVerify = false) => {
        const task = await add(box, { checks: [command] });
        const intent = { actor: USER, action: 'task.claim' as const, holder: 'ana', ttlMs: 120_000, task: task.id };
        const { lease } = await claimThroughDoor(box.tasks, box.door, intent);
        const ref = { task: task.id, lease: lease.id };
        await startByHand(env, ref, box.store.ids('att'));
        const { signal } = new AbortController();
        return completeByHand(box.executor, { actor: USER, ref, folder: project.root, noVerify, signal });
      };
      const denied = { code: 'POLICY_DENIED', details: { reasonCode: 'obligation.unmet', missing: ['test-report'] } };
      await expect(byHand('true')).rejects.toMatchObject(denied);
      await expect(byHand(TAP, true)).rejects.toMatchObject(denied);
      expect(box.ledger.read({ kind: 'policy.outcome' })).toHaveLength(2);
      expect(await byHand(TAP)).toMatchObject({ status: 'settled', task: { status: 'done' } });
      expect(await byHand(`${write(suite(0, ''))}`)).toMatchObject({
        status: 'checks_failed',
        message: expect.stringContaining('No test ran.'),
      });
    }));
});

describe('the size of evidence', () => {
  it('is limited for each attempt, which then fails for that and is not tried for ever', () =>
    withProject({}, async (project) => {
      project.write('.ai/config.yaml', `${project.read('.ai/config.yaml')}evidence: { maxBytes: 65536 }\n`);
      project.trust();
      const box = await project.open();
      await shellAI(box, 'echo x > b.txt');
      const { task, evidence } = await execute(
        box,
        await add(box, { checks: ['head -c 200000 /dev/zero'], maxAttempts: 1 }),
      );
      expect(task).toMatchObject({ status: 'failed', failure: { class: 'invalid_output' } });
      expect(task.failure?.message).toContain('larger than 65536 bytes');
      expect(evidence.map(({ kind }) => kind)).toEqual(['diff']);
    }));

  it('counts the same content once on the disk', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo x > b.txt');
      const { evidence } = await execute(box, await add(box, { checks: ['echo same', 'echo same;'] }));
      const [first, second] = evidence.filter(({ kind }) => kind === 'command');
      expect(first?.digest).toBe(second?.digest);
      expect((await box.executor.blobs.measure()).blobs).toBe(new Set(evidence.map(({ digest }) => digest)).size);
    }));
});
