import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '@signalbox/testkit';
import {
  addOverride,
  backtestPolicy,
  builtinConnectors,
  checkConflicts,
  compileProject,
  conflictWarning,
  decideHookCall,
  examine,
  explainDecision,
  grantTrust,
  initProject,
  previewTrust,
  revokeOverride,
  type Signalbox,
  showPolicy,
  wholePolicyInForce,
} from '../src/index.js';
import { findHome, type ProjectPaths, projectPaths, untrustedFiles } from '../src/project/index.js';
import { diffLines } from '../src/project/line-diff.js';
import { openTrustStore } from '../src/project/trust.js';
import { add, type Project, USER, withProject } from './support/bench.js';

const pathsOf = (project: Project): ProjectPaths => projectPaths(project.root, findHome(project.environment));

const judge = (box: Signalbox, command: string, id = 'sh') =>
  box.door.judge({ actor: { kind: 'ai', id }, action: { name: 'shell.run', command }, subject: 'project' });

const DENY = `  - { id: no-make, effect: deny, on: [shell.run], command: { argv: [make, "..."] }, reason: Not here }\n`;

function withRules(project: Project, rules: string): string {
  return project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rules}`);
}

describe('a policy file that is there and cannot be read', () => {
  const FAULTS: readonly [string, (file: string) => void, string][] = [
    ['a folder', (file) => mkdirSync(file), 'It is a folder, not a file.'],
    ['a link to itself', (file) => symlinkSync(file, file), 'It is a symbolic link that leads back to itself.'],
    ['a link to nothing', (file) => symlinkSync(`${file}.gone`, file), 'It is a symbolic link that leads nowhere.'],
    ['a device', (file) => symlinkSync('/dev/zero', file), 'It is no file.'],
  ];
  const policyFinding = async (project: Project) => {
    const paths = pathsOf(project);
    const findings = await examine({
      folder: project.root,
      paths,
      environment: project.environment,
      clock: createFakeClock(),
      connectors: builtinConnectors.slice(0, 0),
    });
    return findings.find(({ name }) => name === 'policy');
  };

  it.each(FAULTS)('denies everything, with the reason: %s', (_what, make, why) =>
    withProject({}, async (project) => {
      const paths = pathsOf(project);
      rmSync(paths.policy);
      make(paths.policy);
      const box = await project.open();
      await expect(add(box)).rejects.toMatchObject({
        code: 'POLICY_INVALID',
        message: `The policy file is not valid (.ai/policy.yaml:1:1): ${why}`,
      });
      expect(untrustedFiles(paths)).toEqual(['.ai/policy.yaml']);
      expect(() => previewTrust(paths)).toThrow(
        expect.objectContaining({ code: 'POLICY_INVALID', message: `.ai/policy.yaml cannot be read: ${why}` }),
      );
      expect(previewTrust(paths, paths.config)).toEqual([]);
      expect(await policyFinding(project)).toMatchObject({ state: 'bad', text: `.ai/policy.yaml:1:1: ${why}` });
      expect(() => checkConflicts(box.store, '/bin')).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
      expect(conflictWarning(box.store, '/bin')).toBeNull();
    }),
  );

  it.each(FAULTS)('of one AI denies that AI everything: %s', (_what, make, why) =>
    withProject({}, async (project) => {
      const paths = pathsOf(project);
      mkdirSync(join(paths.ai, 'policy'));
      make(join(paths.ai, 'policy/sh.yaml'));
      const box = await project.open();
      expect(judge(box, 'ls')).toMatchObject({
        decision: 'deny',
        reasonCode: 'error.policy',
        reason: `The policy file is not valid (.ai/policy/sh.yaml:1:1): ${why}`,
      });
      expect(judge(box, 'ls', 'other').decision).toBe('allow');
      expect(untrustedFiles(paths)).toEqual(['.ai/policy/sh.yaml']);
      expect(await policyFinding(project)).toMatchObject({ state: 'bad', text: `.ai/policy/sh.yaml:1:1: ${why}` });
      expect(() => checkConflicts(box.store, '/bin')).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
    }),
  );

  it('may be in a folder that is none', () =>
    withProject({}, async (project) => {
      const paths = pathsOf(project);
      project.write('.ai/policy', 'a file');
      const box = await project.open();
      expect(judge(box, 'ls').reason).toContain('.ai/policy/sh.yaml:1:1): A part of its path is a file, not a folder.');
      expect(untrustedFiles(paths)).toEqual(['.ai/policy']);
      expect(() => previewTrust(paths)).toThrow('.ai/policy cannot be read: It is a file, not a folder.');
      expect(() => checkConflicts(box.store, '/bin')).toThrow('It is a file, not a folder.');
      expect(await policyFinding(project)).toMatchObject({ text: '.ai/policy: It is a file, not a folder.' });
      rmSync(join(paths.ai, 'policy'));
      symlinkSync('policy', join(paths.ai, 'policy'));
      expect(() => previewTrust(paths)).toThrow('.ai/policy cannot be read: It is a symbolic link that leads back');
    }));

  it('is left as it is by init, and a configuration like it is told of', () =>
    withProject({ init: false }, async (project) => {
      const paths = pathsOf(project);
      mkdirSync(paths.ai);
      symlinkSync('policy.yaml', paths.policy);
      const { environment } = project;
      const request = { folder: project.root, explicit: true, home: findHome(environment), environment };
      expect(await initProject(request)).toMatchObject({ kept: ['.ai/policy.yaml'] });
      rmSync(paths.config);
      mkdirSync(paths.config);
      await expect(project.open()).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: '.ai/config.yaml: It is a folder, not a file.',
      });
      expect(() => previewTrust(paths, paths.config)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    }));
});

describe('what a file denied when the user agreed to it', () => {
  const agreed = async (project: Project) => {
    const before = project.read('.ai/policy.yaml');
    project.write('.ai/policy.yaml', withRules(project, DENY));
    project.trust();
    return before;
  };

  it.each([
    [
      'is taken out of it',
      (project: Project, before: string) => project.write('.ai/policy.yaml', `${before}# pulled\n`),
    ],
    ['goes with the file', (project: Project) => rmSync(pathsOf(project).policy)],
    [
      'is made to expire, or only recorded',
      (project: Project) =>
        project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('reason: Not here', 'mode: audit')),
    ],
  ])('counts until the user agrees to the new state, when it %s', (_what, edit) =>
    withProject({}, async (project) => {
      const before = await agreed(project);
      const paths = pathsOf(project);
      edit(project, before);
      const box = await project.open();
      const record = judge(box, 'make all');
      expect(record).toMatchObject({ decision: 'deny', determining: ['project/no-make'] });
      expect(record.reason).toMatch(/project\/no-make \(\.ai\/policy\.yaml \(as you agreed to it\):\d+:\d+\)\.$/);
      expect(record.layers).toContainEqual(
        expect.objectContaining({
          scope: 'project',
          path: '.ai/policy.yaml (as you agreed to it)',
          state: 'untrusted',
        }),
      );
      // What it allowed does not.
      expect(judge(box, 'ls').decision).toBe('ask');
      // Recorded, so that the bench takes it again.
      await box.door.rule({
        actor: { kind: 'ai', id: 'sh' },
        action: { name: 'shell.run', command: 'make all' },
        subject: 'project',
      });
      const shown = showPolicy(wholePolicyInForce(box.store, '/bin'), { now: 0 });
      expect(shown.layers.map(({ path }) => path)).toContain('.ai/policy.yaml (as you agreed to it)');

      expect(untrustedFiles(paths)).toEqual(['.ai/policy.yaml']);
      grantTrust(paths, previewTrust(paths));
      expect(untrustedFiles(paths)).toEqual([]);
      expect(judge(box, 'make all').decision).not.toBe('deny');
      expect(judge(box, 'make all').layers).toHaveLength(3);
    }),
  );

  it('counts for an AI of its own as well, and the doctor says what is gone', () =>
    withProject({}, async (project) => {
      const paths = pathsOf(project);
      project.write('.ai/policy/sh.yaml', `version: 1\nscope: ai\nrules:\n${DENY}`);
      project.trust();
      rmSync(join(paths.ai, 'policy'), { recursive: true });
      const box = await project.open();
      expect(judge(box, 'make').determining).toEqual(['ai/no-make']);
      expect(judge(box, 'make', 'other').decision).toBe('ask');
      const findings = await examine({
        folder: project.root,
        paths,
        environment: project.environment,
        clock: createFakeClock(),
        connectors: [],
      });
      expect(findings.find(({ name }) => name === 'policy')).toMatchObject({
        state: 'warn',
        text: '.ai/policy/sh.yaml is gone, and what it denied counts until you agree to that',
      });
      expect(previewTrust(paths)).toEqual([
        { file: '.ai/policy/sh.yaml', content: null, grants: [], loosened: [], changes: expect.any(Array) },
      ]);
      project.trust();
      expect(judge(box, 'make').decision).toBe('ask');
    }));

  it('was nothing where nobody ever agreed', () =>
    withProject({}, async (project) => {
      rmSync(pathsOf(project).trust);
      project.write('.ai/policy.yaml', 'version: 1\nscope: project\n');
      const box = await project.open();
      expect(judge(box, 'cat .env').decision).toBe('ask');
      expect(judge(box, 'ls').layers.map(({ path }) => path)).toEqual([
        'global policy.yaml',
        '.ai/policy.yaml',
        '.ai/policy/sh.yaml',
      ]);
    }));

  it('cannot be told when the text is lost or tampered with, and everything is denied until the user agrees', () =>
    withProject({}, async (project) => {
      const paths = pathsOf(project);
      const texts = join(project.place, 'signalbox/trusted');
      const kept = readdirSync(texts);
      expect(kept).toHaveLength(2);
      for (const name of kept) writeFileSync(join(texts, name), 'version: 1\nscope: project\n');
      const box = await project.open();
      expect(judge(box, 'ls').decision).toBe('allow');
      project.write('.ai/policy.yaml', `${project.read('.ai/policy.yaml')}# more\n`);
      expect(judge(box, 'ls')).toMatchObject({
        decision: 'deny',
        reason: expect.stringContaining('(.ai/policy.yaml (as you agreed to it):1:1): This text is not kept any more'),
      });
      expect(previewTrust(paths)[0]?.changes).toEqual([]);
      project.trust();
      expect(judge(box, 'ls').decision).toBe('allow');
    }));

  it('is not let go while the file has come back', () =>
    withProject({}, async (project) => {
      const paths = pathsOf(project);
      const text = project.read('.ai/policy.yaml');
      rmSync(paths.policy);
      const previews = previewTrust(paths);
      project.write('.ai/policy.yaml', text);
      expect(() => grantTrust(paths, previews)).toThrow(expect.objectContaining({ code: 'STALE' }));
      expect(untrustedFiles(paths)).toEqual([]);
    }));

  it('does not count as a rule of the project when rules are checked against each other', () =>
    withProject({}, async (project) => {
      await agreed(project);
      const box = await project.open();
      const before = checkConflicts(box.store, '/bin');
      project.write('.ai/policy.yaml', `${project.read('.ai/policy.yaml')}# more\n`);
      expect(checkConflicts(box.store, '/bin')).toEqual(before);
    }));
});

describe('a preview of trust', () => {
  it('says what has come and gone since the user agreed', () =>
    withProject({}, async (project) => {
      const paths = pathsOf(project);
      const before = project.read('.ai/policy.yaml');
      project.write('.ai/policy.yaml', before.replace('default: ask', 'default: deny'));
      const line = before.split('\n').indexOf('default: ask') + 1;
      expect(previewTrust(paths)[0]?.changes).toEqual([
        { sign: '-', line, text: 'default: ask' },
        { sign: '+', line, text: 'default: deny' },
      ]);
    }));

  it.each([
    ['a\nb\nc', 'a\nc', ['-2 b']],
    ['a\nc\n', 'a\nb\nc\n', ['+2 b']],
    ['', 'a\n', ['+1 a']],
    ['a\nb', '', ['-1 a', '-2 b']],
    ['a\nb\nc\nd\n', 'x\nb\ny\nd\n', ['-1 a', '+1 x', '-3 c', '+3 y']],
    ['a\na\nb\n', 'a\nb\na\n', ['-2 a', '+3 a']],
    ['same', 'same\n', []],
  ])('compares line by line: %j and %j', (before, after, changes) => {
    expect(diffLines(before, after).map(({ sign, line, text }) => `${sign}${line} ${text}`)).toEqual(changes);
  });

  it('takes two long texts with nothing in common for replaced', () => {
    const long = (word: string) => Array.from({ length: 3000 }, (_, at) => `${word} ${at}`).join('\n');
    const changes = diffLines(long('a'), long('b'));
    expect(changes).toHaveLength(6000);
    expect(changes[2999]).toEqual({ sign: '-', line: 3000, text: 'a 2999' });
    expect(changes[3000]).toEqual({ sign: '+', line: 1, text: 'b 0' });
  });
});

describe('the record of trust', () => {
  it('names no file but those that were agreed to, and forgets one that is gone', () =>
    withProject({ init: false }, async (project) => {
      const store = openTrustStore(join(project.place, 'home/trust.json'));
      expect([store.files(), store.agreed('toString')]).toEqual([[], null]);
      store.grant('/a', 'text of a');
      store.grant('/b', 'text of b');
      expect([store.files(), store.agreed('/a'), store.isTrusted('/b', 'text of b')]).toEqual([
        ['/a', '/b'],
        { text: 'text of a' },
        true,
      ]);
      store.forget('/a');
      expect([store.files(), store.agreed('/a')]).toEqual([['/b'], null]);
      writeFileSync(join(project.place, 'home/trust.json'), '{"/a":7,"/b":"sha256:../trust.json"}');
      expect([store.files(), store.agreed('/b')]).toEqual([['/b'], { text: null }]);
      writeFileSync(join(project.place, 'home/trust.json'), 'null');
      expect(store.files()).toEqual([]);
    }));
});

describe('policy as it is written into an agent’s own settings', () => {
  it('allows nothing that only an untrusted file does', () =>
    withProject({}, async (project) => {
      const rule = '  - { id: make, effect: allow, on: [shell.run], command: { argv: [make] } }\n';
      const box = await project.open();
      const settings = () => compileProject(box.store, '/bin', 'claude-code', null).files[0]?.text ?? '';
      project.write('.ai/policy.yaml', withRules(project, rule));
      expect(JSON.parse(settings()).permissions.allow).not.toContain('Bash(make)');
      expect(JSON.parse(settings()).permissions.deny.length).toBeGreaterThan(0);
      project.trust();
      expect(JSON.parse(settings()).permissions.allow).toContain('Bash(make)');
    }));
});

describe('a backtest', () => {
  it('judges each decision under the overrides of its own time', () =>
    withProject({}, async (project) => {
      project.write(
        '.ai/policy.yaml',
        withRules(project, DENY.replace('reason:', 'overridable_by: [project], reason:')),
      );
      project.trust();
      const box = await project.open();
      const ask = () =>
        box.door.decide({
          actor: { kind: 'ai', id: 'sh' },
          action: { name: 'shell.run', command: 'make' },
          subject: 'project',
        });
      expect(ask().decision).toBe('deny');
      const more = { ai: null, task: null, label: null, expiresAt: null };
      const person = { ...box, actor: USER };
      const rule = 'project/no-make';
      const override = await addOverride(person, { rule, effect: 'allow', reason: 'x', ...more });
      expect(ask().decision).toBe('allow');
      const candidate = { scope: 'project' as const, path: 'draft.yaml', text: project.read('.ai/policy.yaml') };
      const test = () => backtestPolicy(box.store, { candidate, ai: null, since: 0 });
      expect(test()).toMatchObject({ changed: [], unknown: [] });
      await revokeOverride(person, override.id);
      expect(test()).toMatchObject({ changed: [], unknown: [] });
    }));
});

describe('the id of an AI', () => {
  it('that is none is refused before it becomes a part of a path', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const bad = expect.objectContaining({ code: 'INVALID_AI' });
      const ai = '../../x';
      expect(() => wholePolicyInForce(box.store, '/bin', ai)).toThrow(bad);
      expect(() => compileProject(box.store, '/bin', 'codex', ai)).toThrow(bad);
      const candidate = { scope: 'ai' as const, path: 'x.yaml', text: 'version: 1\nscope: ai\n' };
      expect(() => backtestPolicy(box.store, { candidate, ai, since: 0 })).toThrow(bad);
      const call = '{"tool_name":"Bash","tool_input":{"command":"ls"},"cwd":"/"}';
      expect(() => decideHookCall(box.executor, ai, call)).toThrow(bad);
      const request = { action: 'task.create', parts: {}, extra: {}, headless: true };
      await expect(explainDecision(box, { ...request, ai })).rejects.toEqual(bad);
    }));
});

describe('a search of an agent', () => {
  it('is judged by what its glob names, not only by the folder it begins in', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const decide = (tool_name: string, tool_input: Record<string, string>) =>
        decideHookCall(box.executor, 'claude', JSON.stringify({ tool_name, tool_input, cwd: project.root })).decision;
      expect(decide('Grep', { pattern: 'x' })).toBe('allow');
      expect(decide('Glob', { pattern: 'src/**/*.ts' })).toBe('allow');
      expect(decide('Grep', { pattern: 'x', glob: '.env', output_mode: 'content' })).toBe('deny');
      expect(decide('Glob', { pattern: '**/*.pem' })).toBe('deny');
      expect(decide('Glob', { pattern: '/etc/**' })).toBe('ask');
      expect(decide('Glob', { pattern: '../**' })).toBe('ask');
    }));
});
