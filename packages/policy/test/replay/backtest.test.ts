import { describe, expect, it } from '@jest/globals';
import { initialPolicyYaml, loadPolicy, type PolicyDecisionRecord } from '../../src/index.js';
import { backtest, type CandidatePolicy } from '../../src/replay/index.js';
import { decide, decideLine, layer, load, NOW, request } from '../support.js';

const current = load(initialPolicyYaml({ name: 'demo', testCommands: [['npm', 'test']] }));

function candidate(rules: string): CandidatePolicy {
  const text = `version: 1\nscope: project\ndefault: ask\nrules:\n${rules}`;
  return (workspace, _ai, facts) => {
    const { realPath, exists, resolveProgram } = facts;
    return loadPolicy([layer(text)], { now: NOW, workspace, path: '', realPath, exists, resolveProgram });
  };
}

const ALLOW_READS = `  - { id: reads, effect: allow, on: [shell.run], command: { argv: [[ls, cat, git], "..."] } }
  - { id: no-push, effect: deny, on: [shell.run], command: { argv: [git, push, "..."] } }`;

describe('backtesting a policy', () => {
  it('lists what it would decide in another way, and counts the rest', () => {
    const records = [
      decideLine(current, 'ls'),
      decideLine(current, 'git push origin'),
      decideLine(current, 'npm test'),
    ];
    expect(backtest(records, candidate(ALLOW_READS))).toEqual({
      judged: 3,
      same: 1,
      changed: [
        {
          id: 'pdr_1',
          time: '2026-11-22T00:00:00.000Z',
          from: 'ask',
          to: 'deny',
          action: 'shell.run',
          what: 'git push origin',
          determining: ['project/no-push'],
        },
        expect.objectContaining({ what: 'npm test', from: 'allow', to: 'ask', determining: [] }),
      ],
      unknown: [],
    });
  });

  it('says nothing about a record that lacks a fact the candidate asks for', () => {
    const record: PolicyDecisionRecord = JSON.parse(JSON.stringify(decideLine(current, 'cat /etc/passwd')));
    record.replay.facts.exists = {};
    const { unknown, changed, same } = backtest([record], candidate(ALLOW_READS));
    expect([changed, same]).toEqual([[], 0]);
    expect(unknown).toEqual([
      { id: 'pdr_1', why: 'A fact that the candidate asks for was not recorded: exists /etc/passwd.' },
    ]);
  });

  it('says nothing where a condition needs an attribute that was not recorded', () => {
    const sized = candidate(`  - { id: small, effect: allow, on: [file.read], when: 'resource.size < 10' }`);
    const record = decide(current, request('file.read', { resource: { path: 'a' } }));
    expect(backtest([record], sized).unknown).toMatchObject([{ why: expect.stringContaining('project/small') }]);
    // An error that was one at the time is part of what was judged.
    const before = decide(sized('/repo', null, current.facts, null), request('file.read', { resource: { path: 'a' } }));
    expect(backtest([before], sized)).toMatchObject({ same: 1, unknown: [] });
  });

  it('loads one policy for each workspace and AI', () => {
    const asked: unknown[] = [];
    const counting: CandidatePolicy = (workspace, ai, facts) => {
      asked.push([workspace, ai]);
      return candidate(ALLOW_READS)(workspace, ai, facts, null);
    };
    const records = [
      decideLine(current, 'ls'),
      decideLine(current, 'ls -l'),
      decideLine(current, 'ls', { id: 'claude' }),
      decide(current, request('task.create', { kind: 'user', id: 'ana' })),
    ];
    expect(backtest(records, counting).same).toBe(4);
    expect(asked).toEqual([
      ['/repo', 'codex'],
      ['/repo', 'claude'],
      ['/repo', null],
    ]);
  });

  it('names what each kind of request was about', () => {
    const deny = candidate(
      "  - { id: no, effect: deny, on: [shell.run, file.write, net.fetch, tool.call, 'task.*', 'skill.*'] }",
    );
    const requests = [
      request('shell.run', { action: { argv: ['npm', 'test'] } }),
      request('file.write', { resource: { path: 'src/a.ts' } }),
      request('net.fetch', { resource: { host: 'a.com' } }),
      request('tool.call', { action: { server: 'mcp', tool: 'search' } }),
      request('tool.call', { action: { tool: 'search' } }),
      request('task.claim'),
    ];
    const { changed } = backtest(
      requests.map((each) => decide(current, each)),
      deny,
    );
    expect(changed.map(({ what }) => what)).toEqual([
      'npm test',
      'src/a.ts',
      'a.com',
      'mcp/search',
      'search',
      'task.claim',
    ]);
  });

  it('does not stop at records that are none', () => {
    const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    const odd = { ...decideLine(current, 'ls'), request: { ...decideLine(current, 'ls').request, resource: { deep } } };
    const { unknown, judged } = backtest([null, { id: 'pdr_x' }, odd], candidate(ALLOW_READS));
    expect(judged).toBe(3);
    expect(unknown.map(({ id }) => id)).toEqual(['?', 'pdr_x', 'pdr_1']);
  });

  describe('that was decided under overrides', () => {
    const push = `  - { id: no-push, effect: deny, on: [shell.run], command: { argv: [git, push, "..."] }, overridable_by: [project] }`;
    const text = `version: 1\nscope: project\ndefault: ask\nrules:\n${push}`;
    const override = {
      id: 'ovr_1',
      rule: 'project/no-push',
      effect: 'allow' as const,
      ai: null,
      task: null,
      label: null,
      reason: 'once',
      by: 'user:ana',
      createdAt: '2026-11-01T00:00:00.000Z',
      expiresAt: null,
    };
    const loosened = load([layer(text)], { overrides: [override] });
    const strict = load([layer(text)]);
    const records = [
      decideLine(loosened, 'git push'),
      decideLine(strict, 'git push'),
      decideLine(loosened, 'git push'),
    ];
    const texts = new Map(loosened.layers.map(({ digest }, at) => [digest, loosened.sources[at]?.text ?? null]));
    const asked: unknown[] = [];
    const same: CandidatePolicy = (workspace, _ai, { realPath, exists, resolveProgram }, overrides) => {
      asked.push(overrides?.text ?? null);
      const files = [layer(text), ...(overrides ? [overrides] : [])];
      return loadPolicy(files, { now: NOW, workspace, path: '', realPath, exists, resolveProgram });
    };

    it('is judged under those of its own time, loaded once for each list of them', () => {
      expect(records.map(({ decision }) => decision)).toEqual(['allow', 'deny', 'allow']);
      expect(backtest(records, same, (digest) => texts.get(digest) ?? null)).toMatchObject({ same: 3, changed: [] });
      expect(asked).toEqual([loosened.sources.at(-1)?.text, null]);
    });

    it('is not known where they are not kept, or what is kept is something else', () => {
      for (const textOf of [() => null, () => '[]']) {
        const { same: agreed, unknown } = backtest(records, same, textOf);
        expect(agreed).toBe(1);
        expect(unknown).toEqual([
          { id: 'pdr_1', why: 'The overrides that it was decided under are not kept.' },
          { id: 'pdr_1', why: 'The overrides that it was decided under are not kept.' },
        ]);
      }
    });
  });
});
