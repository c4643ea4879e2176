import { chmodSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installBeside, installPacked, listEntries } from '../checks/pack.mjs';
import { listPublished } from '../checks/workspace.mjs';
import { capture } from '../lib/capture.mjs';
import { root } from '../lib/run.mjs';

// A value and a type of every entry, as somebody would write them who has nothing but the installed packages.
const ENTRIES = {
  '@signalbox/kernel': ['canonicalJson', 'Clock'],
  '@signalbox/kernel/sqlite': ['openSqlite', 'SqlDatabase'],
  '@signalbox/rules': ['compileExpression', 'Expression'],
  '@signalbox/rules/glob': ['parseGlob', 'Glob'],
  '@signalbox/rules/analysis': ['findConflicts', 'ConflictOptions'],
  '@signalbox/task-core': ['openSqliteTaskStore', 'TaskStore'],
  '@signalbox/task-core/spec': ['parseTaskSpec', 'TaskSpecInput'],
  '@signalbox/task-core/graph': ['readGraph', 'TaskGraph'],
  '@signalbox/task-core/exchange': ['readTasks', 'Exchange'],
  '@signalbox/task-core/conformance': ['describeTaskStore', 'OpenStore'],
  '@signalbox/policy': ['decide', 'PolicyDecisionRecord'],
  '@signalbox/policy/findings': ['findPolicyConflicts', 'PolicyFinding'],
  '@signalbox/policy/json-schema': ['policyJsonSchema', null],
  '@signalbox/policy/show': ['showPolicy', 'ShownPolicy'],
  '@signalbox/policy/replay': ['replayDecision', 'Replay'],
  '@signalbox/policy/suggest': ['suggestRules', 'Suggestion'],
  '@signalbox/policy/agents': ['compileForAgent', 'CompiledPolicy'],
  '@signalbox/policy/records': ['openSqlitePolicyRecords', 'PolicyRecords'],
  '@signalbox/audit': ['openLedger', 'Ledger'],
  '@signalbox/audit/kinds': ['checkEntry', 'EntryProblem'],
  '@signalbox/audit/attest': ['verifyReceipt', 'ReceiptReport'],
  '@signalbox/audit/collectors': ['parseTestReport', 'TestReport'],
  '@signalbox/connectors': ['findConnector', 'Connector'],
  '@signalbox/connectors/conformance': ['checkConformance', 'ConformanceSubject'],
  '@signalbox/connectors/conformance/agent': ['playAgent', 'Dialect'],
  '@signalbox/router': ['choose', 'AIInstance'],
  '@signalbox/runtime': ['createSignalbox', 'Signalbox'],
  '@signalbox/runtime/project': ['openStore', 'ProjectStore'],
};

describe('the published packages, packed and installed outside the repository', () => {
  let folder;
  let consumer;
  beforeAll(async () => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'signalbox-pack-'));
    consumer = await installPacked(root, folder);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  it('have no entry that this test does not know', () => {
    expect(listEntries(root).sort()).toEqual(Object.keys(ENTRIES).sort());
  });

  it.each(Object.entries(ENTRIES))('can be imported: %s', async (entry, [value]) => {
    const code = `const entry = await import('${entry}'); if (typeof entry.${value} !== 'function') throw new Error('no ${value}');`;
    const { code: exit, stderr } = await capture(process.execPath, ['--input-type=module', '-e', code], {
      cwd: consumer,
    });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  });

  it('carry types that a strict compiler accepts, those of what they depend on included', async () => {
    const lines = Object.entries(ENTRIES).map(([entry, [value, type]], index) =>
      type === null
        ? `export { ${value} as value${index} } from '${entry}';\n`
        : `import { ${value} as value${index}, type ${type} as Type${index} } from '${entry}';\n` +
          `export const all${index}: [typeof value${index}, Type${index}?] = [value${index}];\n`,
    );
    writeFileSync(join(consumer, 'all.ts'), lines.join(''));
    const compilerOptions = {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      typeRoots: [join(root, 'node_modules/@types')],
      types: ['node'],
    };
    writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['all.ts'] }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { code, stdout } = await capture(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: consumer });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  }, 60_000);

  it('bring the signalbox command, which runs without the optional native module', async () => {
    const { version } = listPublished(root).find(({ name }) => name === 'signalbox').manifest;
    const { code, stdout, stderr } = await capture(join(consumer, 'node_modules/.bin/signalbox'), ['--version'], {
      cwd: consumer,
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('load, test and run a connector of somebody else that was installed from a tarball, once it is trusted', async () => {
    const environment = { PATH: process.env.PATH, HOME: folder, SIGNALBOX_HOME: join(folder, 'home') };
    const env = { ...environment, EXAMPLE_API_KEY: 'none', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
    const run = (program, args) => capture(program, args, { cwd: consumer, env });
    const signalbox = (...args) => run(join(consumer, 'node_modules/.bin/signalbox'), args);
    const fine = async (...args) => {
      const { code, stdout, stderr } = await signalbox(...args, '--json');
      if (code !== 0) throw new Error(`signalbox ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
      return JSON.parse(stdout);
    };
    await installBeside(consumer, join(root, 'examples/connector-template'), folder);
    // The native module is compiled once, in the repository.
    symlinkSync(join(root, 'node_modules/better-sqlite3'), join(consumer, 'node_modules/better-sqlite3'));
    writeFileSync(join(consumer, '.gitignore'), 'node_modules\n');
    const author = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.invalid'];
    await run('git', ['init', '--quiet', '--initial-branch=main']);
    await run('git', ['add', '.']);
    await run('git', [...author, 'commit', '--quiet', '--message', 'Start']);
    await fine('init');
    writeFileSync(
      join(consumer, '.ai/config.yaml'),
      'version: 1\nbase: main\nplugins: [signalbox-connector-example]\n',
    );
    const agent = join(folder, 'agent.sh');
    const lines = [
      '{"type":"hello","session":"s-1"}',
      '{"type":"say","text":"It is fine."}',
      '{"type":"done","text":"It is fine."}',
    ];
    writeFileSync(agent, `#!/bin/sh\nread prompt\n${lines.map((line) => `echo '${line}'`).join('\n')}\n`);
    chmodSync(agent, 0o755);
    const register = ['ai', 'register', 'mine', '--connector', 'example', '--config', `program=${agent}`];

    const early = await signalbox(...register);
    expect({ code: early.code, text: early.stderr }).toMatchObject({
      text: expect.stringContaining('signalbox trust'),
    });
    const { plugins } = await fine('trust', '--yes');
    expect(plugins).toEqual(['signalbox-connector-example@1.0.0']);
    const { connectors } = await fine('connector', 'list');
    expect(connectors.find(({ id }) => id === 'example')).toMatchObject({
      plugin: { name: 'signalbox-connector-example', version: '1.0.0' },
    });
    const report = await fine('connector', 'test', 'example');
    expect(report.results.filter(({ skipped }) => skipped !== undefined)).toEqual([]);
    await fine(...register);
    // It asks about commands alone, so that it cannot be held to a rule about files.
    const task = await fine('task', 'create', 'Look at it', '--type', 'review', '--ai', 'mine');
    const { task: done } = await fine('task', 'execute', task.id);
    expect(done.status).toBe('done');

    writeFileSync(join(consumer, 'node_modules/signalbox-connector-example/redact.js'), '// changed\n');
    const changed = await signalbox('connector', 'test', 'example');
    expect({ code: changed.code, text: changed.stderr }).toMatchObject({
      code: 2,
      text: expect.stringContaining('nobody has agreed to it as it is now'),
    });
  }, 240_000);
});
