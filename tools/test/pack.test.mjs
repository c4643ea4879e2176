import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installPacked, listEntries } from '../checks/pack.mjs';
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
});
