import { describe, expect, it } from '@jest/globals';
import { findPolicyConflicts, summariseFindings } from '../../src/findings/index.js';
import { initialPolicyYaml } from '../../src/index.js';
import { decide, layer, load, NOW } from '../support.js';

function rules(text: string, scope = 'project', fallback = 'ask'): string {
  return `version: 1\nscope: ${scope}\ndefault: ${fallback}\nrules:\n${text}`;
}

function find(text: string) {
  return findPolicyConflicts(load(rules(text)), { now: NOW });
}

describe('the findings of a policy', () => {
  it('are none for the policy that init writes, and nothing stays open', () => {
    const policy = load(initialPolicyYaml({ name: 'demo', testCommands: [['npm', 'test']] }));
    const report = findPolicyConflicts(policy, { now: NOW });
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.unknown).toEqual([]);
  });

  it('name the rule, the others, where they stand and a request in words', () => {
    const { findings } = find(`  - { id: all, effect: deny, on: [shell.run], command: { argv: [git, "..."] } }
  - { id: push, effect: ask, on: [shell.run], command: { argv: [git, push, "..."] } }`);
    expect(findings).toEqual([
      {
        kind: 'shadowed',
        severity: 'error',
        rules: ['project/push', 'project/all'],
        at: ['.ai/policy.yaml:6:5', '.ai/policy.yaml:5:5'],
        message: '"project/push" never decides: "project/all" matches wherever it does and is stricter.',
        witness: expect.objectContaining({ action: { name: 'shell.run', argv: ['git', 'push'] } }),
        witnessText: expect.stringContaining('shell.run where'),
      },
    ]);
  });

  it('tell dead, contradictory, redundant and illegally loosening rules apart', () => {
    const upper = layer(rules('  - { id: no-net, effect: deny, on: [net.fetch] }', 'global'), {
      scope: 'global',
      path: 'global.yaml',
    });
    const lower = layer(
      rules(`  - { id: net, effect: allow, on: [net.fetch], when: 'resource.port == 443' }
  - { id: never, effect: deny, on: [file.read], when: 'resource.path == "a" && resource.inside == false && resource.inside' }
  - { id: no, effect: deny, on: [file.write], when: 'resource.path.glob("a/**")' }
  - { id: yes, effect: allow, on: [file.write], when: 'resource.path.glob("a/**")' }
  - { id: reads, effect: allow, on: [file.read] }
  - { id: reads-some, effect: allow, on: [file.read], when: 'resource.path.glob("a/**")' }`),
    );
    const { findings } = findPolicyConflicts(load([upper, lower]));
    expect(findings.map(({ kind, severity, rules: [rule] }) => [kind, severity, rule])).toEqual([
      ['illegal-loosening', 'error', 'project/net'],
      ['dead', 'error', 'project/never'],
      ['contradiction', 'error', 'project/yes'],
      ['redundant', 'warning', 'project/reads-some'],
    ]);
  });

  it('name two persons who would both have to answer one question, across layers', () => {
    const wants = (id: string, user: string, on = 'task.land', more = '') =>
      `  - { id: ${id}, effect: ask, on: [${on}]${more}, obligations: [{ approval: "user:${user}" }] }\n`;
    const upper = layer(rules(wants('boss', 'ana'), 'global'), { scope: 'global', path: 'global.yaml' });
    const clash = findPolicyConflicts(load([upper, layer(rules(wants('lead', 'bo')))]), { now: NOW });
    expect(clash.findings.filter(({ kind }) => kind === 'unanswerable')).toEqual([
      expect.objectContaining({
        severity: 'error',
        rules: ['global/boss', 'project/lead'],
        message: expect.stringContaining('the approvals of user:ana and user:bo'),
        witness: expect.objectContaining({ action: { name: 'task.land' } }),
      }),
    ]);
    for (const other of [wants('lead', 'ana'), wants('lead', 'bo', 'task.cancel')]) {
      const { findings } = findPolicyConflicts(load([upper, layer(rules(other))]), { now: NOW });
      expect(findings.filter(({ kind }) => kind === 'unanswerable')).toEqual([]);
    }
    const apart = [
      wants('a', 'ana', 'file.write', ', when: \'resource.path == "a"\''),
      wants('b', 'bo', 'file.write', ', when: \'resource.path == "b"\''),
    ];
    expect(find(apart.join('')).findings.filter(({ kind }) => kind === 'unanswerable')).toEqual([]);
  });

  it('do not call a question redundant where the built-in base or a silent part would be allowed without it', () => {
    expect(find("  - { id: a, effect: ask, on: [task.create], when: 'has(resource.type)' }").findings).toEqual([]);
    expect(find('  - { id: b, effect: ask, on: [file.read] }').findings).toEqual([]);
    expect(find('  - { id: c, effect: ask, on: [net.fetch] }').findings).toMatchObject([{ kind: 'redundant' }]);
  });

  it('know what the built-in base denies', () => {
    const { findings } = find('  - { id: a, effect: allow, on: [approval.answer], when: \'subject.kind == "ai"\' }');
    expect(findings).toMatchObject([
      { kind: 'illegal-loosening', rules: ['project/a', 'base/users-alone'], at: [expect.any(String), 'built-in'] },
    ]);
  });

  it('warn of a rule in audit mode that never would decide, and never blame one', () => {
    const { findings } = find(`  - { id: no, effect: deny, on: [net.fetch] }
  - { id: try, effect: allow, mode: audit, on: [net.fetch], when: 'resource.port == 1' }`);
    expect(findings).toMatchObject([{ kind: 'shadowed', severity: 'warning', rules: ['project/try', 'project/no'] }]);
    const blamed = find(`  - { id: no, effect: deny, mode: audit, on: [net.fetch] }
  - { id: net, effect: allow, on: [net.fetch] }`);
    expect(blamed.findings).toEqual([]);
  });

  it('leave out what has expired, and what an exception loosens', () => {
    const expired = `  - { id: no, effect: deny, on: [net.fetch], expires: 2020-01-01 }
  - { id: net, effect: allow, on: [net.fetch] }`;
    expect(find(expired).findings).toEqual([]);
    expect(findPolicyConflicts(load(rules(expired))).findings).toHaveLength(1);
    const excepted = `${rules(`  - { id: no, effect: deny, on: [net.fetch], overridable_by: [project] }
  - { id: net, effect: allow, on: [net.fetch], when: 'resource.port == 1' }`)}
exceptions: [ { rule: project/no, effect: allow, when: 'resource.port == 1' } ]`;
    expect(findPolicyConflicts(load(excepted)).findings).toEqual([]);
  });

  it('do not take two rules for one where a link leads from one to the other', () => {
    const text = `  - { id: a, effect: allow, on: [file.read], when: 'resource.path.glob("a/**")' }
  - { id: b, effect: allow, on: [file.read], when: 'resource.path.glob("b/**")' }
  - { id: both, effect: allow, on: [file.read], when: 'resource.path.glob("{a,b}/x")' }`;
    const report = find(text);
    expect(report.findings).toEqual([]);
    expect(report.unknown).toMatchObject([{ rule: 'project/both', reason: expect.stringContaining('link') }]);
  });

  it('leave open what the budget does not suffice for, and everything of a policy that is not valid', () => {
    const text = `  - { id: a, effect: deny, on: [file.read], when: 'resource.path.glob("**/*a*b*/**")' }
  - { id: b, effect: allow, on: [file.read], when: 'resource.path.glob("**/*c*d*/*a*b*")' }`;
    const report = findPolicyConflicts(load(rules(text)), { budget: 5, totalBudget: 20 });
    expect(report).toMatchObject({ findings: [], unknown: [{ rule: 'project/a' }, { rule: 'project/b' }] });
    expect(findPolicyConflicts(load('version: 2')).unknown).toMatchObject([{ rule: null }]);
  });

  it('list what no rule is about only when asked', () => {
    const policy = load(rules('  - { id: a, effect: ask, on: [net.fetch], when: \'subject.id == "x"\' }'));
    expect(findPolicyConflicts(policy).findings.filter(({ kind }) => kind === 'gap')).toEqual([]);
    const gaps = findPolicyConflicts(policy, { gaps: true }).findings.filter(({ kind }) => kind === 'gap');
    const net = gaps.find(({ witness }) => witness?.action.name === 'net.fetch');
    expect(net).toMatchObject({ severity: 'info', rules: [], at: [] });
    if (net?.witness) expect(decide(policy, net.witness).reasonCode).toBe('default');
  });

  it('are summed up in one line', () => {
    const never = Array.from(
      { length: 5 },
      (_, index) => `  - { id: n${index}, effect: allow, on: [net.fetch], when: 'resource.port == ${index}' }`,
    );
    const report = find(`  - { id: no, effect: deny, on: [net.fetch] }\n${never.join('\n')}`);
    expect(summariseFindings(report)).toBe(
      '5 rules of .ai/policy.yaml never decide (project/n0, project/n1, project/n2 and 2 more); see `signalbox policy check`.',
    );
    expect(summariseFindings({ findings: report.findings.slice(0, 1) })).toContain(
      '1 rule of .ai/policy.yaml never decides',
    );
    expect(summariseFindings({ findings: [] })).toBeNull();
  });
});
