import { describe, expect, it } from '@jest/globals';
import { checkPolicy } from '../src/index.js';
import { layer, load } from './support.js';

const HEAD = 'version: 1\nscope: project\n';
const problemsOf = (text: string) => checkPolicy(layer(text));
const ruleText = (fields: string): string =>
  `${HEAD}rules:\n  - id: a\n    effect: deny\n    on: [net.fetch]\n    ${fields}\n`;

describe('a policy file is refused', () => {
  it.each([
    ['empty', '', 1, 1, 'POLICY_YAML', 'empty'],
    ['a duplicate key', `${HEAD}default: ask\ndefault: deny\n`, 4, 1, 'POLICY_YAML', 'unique'],
    ['an unknown tag', `${HEAD}default: !x ask\n`, 3, 10, 'POLICY_YAML', 'tag'],
    ['an alias', `${HEAD}rules: &a []\ntests: *a\n`, 4, 8, 'POLICY_YAML', 'Aliases'],
    ['several documents', `${HEAD}---\n${HEAD}`, 3, 1, 'POLICY_YAML', 'one YAML document'],
    ['an infinite number', `${HEAD}settings: { max_concurrent: { value: 1e400 } }\n`, 3, 38, 'POLICY_YAML', 'finite'],
    ['a broken flow', `${HEAD}rules: [\n`, 4, 1, 'POLICY_YAML', ''],
    ['more than 1 MiB', `${HEAD}#${'x'.repeat(1024 * 1024)}`, 1, 1, 'POLICY_YAML', '1 MiB'],
    ['text alone', 'hello', 1, 1, 'POLICY_SCHEMA', 'The file'],
    ['another version', 'version: 2\nscope: project\n', 1, 10, 'POLICY_SCHEMA', 'version is not 2'],
    ['no version', 'scope: project\n', 1, 1, 'POLICY_SCHEMA', 'version is missing'],
    ['another scope', 'version: 1\nscope: global\n', 2, 8, 'POLICY_SCHEMA', 'can only be "project"'],
    ['a mistyped key', `${HEAD}defualt: ask\n`, 3, 1, 'POLICY_SCHEMA', 'Did you mean "default"?'],
    ['a key from nowhere', `${HEAD}something_else: ask\n`, 3, 1, 'POLICY_SCHEMA', 'Known here'],
    ['__proto__', `${HEAD}__proto__: { a: 1 }\n`, 3, 1, 'POLICY_SCHEMA', '__proto__'],
    [
      'a mistyped effect',
      `${HEAD}rules:\n  - { id: a, effect: dney, on: [net.fetch] }\n`,
      4,
      22,
      'POLICY_SCHEMA',
      'Did you mean "deny"?',
    ],
    ['a mistyped key of a rule', ruleText("wen: 'true'"), 7, 5, 'POLICY_SCHEMA', 'Did you mean "when"?'],
    ['a missing effect', `${HEAD}rules:\n  - { id: a, on: [net.fetch] }\n`, 4, 5, 'POLICY_SCHEMA', 'effect is missing'],
    [
      'an id with a slash',
      `${HEAD}rules:\n  - { id: a/b, effect: deny, on: [net.fetch] }\n`,
      4,
      11,
      'POLICY_SCHEMA',
      'An id is',
    ],
    [
      'a mistyped action',
      `${HEAD}rules:\n  - { id: a, effect: deny, on: [file.raed] }\n`,
      4,
      33,
      'POLICY_SCHEMA',
      '"file.read"?',
    ],
    [
      'a group of nothing',
      `${HEAD}rules:\n  - { id: a, effect: deny, on: ["tsk.*"] }\n`,
      4,
      33,
      'POLICY_SCHEMA',
      '"task.*"?',
    ],
    ['an unquoted number in a pattern', ruleText('command: { argv: [kill, -9] }'), 7, 29, 'POLICY_SCHEMA', 'quotes'],
    ['a pattern on another action', ruleText('command: { argv: [ls] }'), 7, 14, 'POLICY_SCHEMA', 'shell.run alone'],
    ['an expiry that is no date', ruleText('expires: 2027-02-30'), 7, 14, 'POLICY_SCHEMA', 'neither a date'],
    ['an expiry in words', ruleText('expires: tomorrow'), 7, 14, 'POLICY_SCHEMA', 'neither a date'],
    ['an obligation of a deny', ruleText('obligations: [{ evidence: x }]'), 7, 18, 'POLICY_SCHEMA', 'Nothing follows'],
    ['an unknown setting', `${HEAD}settings: { sandbx: { value: none } }\n`, 3, 13, 'POLICY_SCHEMA', '"sandbox"?'],
    ['a far setting', `${HEAD}settings: { colour: { value: none } }\n`, 3, 13, 'POLICY_SCHEMA', 'Known: sandbox'],
    ['a sandbox of no kind', `${HEAD}settings: { sandbox: { value: some } }\n`, 3, 31, 'POLICY_SCHEMA', 'one of none'],
    [
      'a wait of no length',
      `${HEAD}settings: { approval_wait: { value: 10 } }\n`,
      3,
      37,
      'POLICY_SCHEMA',
      'a duration',
    ],
    ['half a worker', `${HEAD}settings: { max_concurrent: { value: 0.5 } }\n`, 3, 38, 'POLICY_SCHEMA', 'whole number'],
    [
      'a cap without order',
      `${HEAD}settings: { sandbox: { value: none, cap: min } }\n`,
      3,
      42,
      'POLICY_SCHEMA',
      'lock it',
    ],
    [
      'a setting of a setting',
      `${HEAD}settings: { sandbox: { value: none, lock: true } }\n`,
      3,
      37,
      'POLICY_SCHEMA',
      '"locked"?',
    ],
    [
      'an exception without scope',
      `${HEAD}exceptions: [{ rule: x, effect: allow }]\n`,
      3,
      22,
      'POLICY_SCHEMA',
      'in full',
    ],
    [
      'an exception that denies',
      `${HEAD}exceptions: [{ rule: global/x, effect: deny }]\n`,
      3,
      40,
      'POLICY_SCHEMA',
      'one of',
    ],
    [
      'a mistyped key of a test',
      `${HEAD}tests: [{ request: { on: net.fetch, hots: a }, expect: ask }]\n`,
      3,
      37,
      'POLICY_SCHEMA',
      '"host"?',
    ],
    [
      'a test that fails',
      `${HEAD}tests: [{ request: { on: net.fetch }, expect: allow }]\n`,
      3,
      9,
      'POLICY_TEST',
      'expects allow, but the file says ask',
    ],
    [
      'an attribute of another action',
      ruleText(`when: 'resource.path == "a"'`),
      7,
      12,
      'POLICY_EXPRESSION',
      'resource.path',
    ],
    [
      'a mistyped attribute',
      ruleText(`when: 'resource.hots == "a"'`),
      7,
      12,
      'POLICY_EXPRESSION',
      'Did you mean "resource.host"?',
    ],
    [
      'a condition in double quotes',
      ruleText(`unless: "true && resource.prt == 1"`),
      7,
      22,
      'POLICY_EXPRESSION',
      'resource.port',
    ],
    [
      'a plain condition',
      ruleText('when: resource.port == 1 && resource.prt == 2'),
      7,
      33,
      'POLICY_EXPRESSION',
      'resource.port',
    ],
    [
      'a condition with doubled quotes',
      ruleText(`when: 'resource.host == ''a'' && resource.prt == 2'`),
      7,
      38,
      'POLICY_EXPRESSION',
      'resource.port',
    ],
    [
      'a condition in a block',
      ruleText('when: |\n      resource.port == 1 &&\n        resource.prt == 2'),
      9,
      9,
      'POLICY_EXPRESSION',
      'resource.port',
    ],
    [
      'an escaped condition',
      ruleText('when: "resource.host == \\"a\\" && resource.prt == 2"'),
      7,
      11,
      'POLICY_EXPRESSION',
      'resource.port',
    ],
    [
      'a folded condition',
      ruleText('when: >-\n      resource.port == 1 &&\n      resource.prt == 2'),
      7,
      11,
      'POLICY_EXPRESSION',
      'resource.port',
    ],
    [
      'a condition of an exception',
      `${HEAD}exceptions: [{ rule: global/x, effect: allow, when: 'a.b' }]\n`,
      3,
      54,
      'POLICY_EXPRESSION',
      'no attribute',
    ],
  ])('for %s', (_what, text, line, column, code, message) => {
    const problems = problemsOf(text);
    expect(problems[0]).toMatchObject({ file: '.ai/policy.yaml', line, column, code });
    expect(problems.map((problem) => problem.message).join('\n')).toContain(message);
    expect(load(text).layers[0]?.state).toBe('invalid');
  });

  it.each([
    ['[]', 'Too small'],
    ['["..."]', 'begins with a program'],
    ['[git, "...", push]', 'only at the end'],
    ['[git, [push, "..."]]', 'only at the end'],
    ['["", x]', 'has a name'],
  ])('for the pattern %s', (argv, message) => {
    const text = `${HEAD}rules:\n  - { id: a, effect: deny, on: [shell.run], command: { argv: ${argv} } }\n`;
    expect(problemsOf(text)[0]?.message).toContain(message);
  });

  it.each([
    ['{ network: none }', 'not an obligation'],
    ['{}', 'one pair'],
    ['{ sandbox: a, evidence: b }', 'one pair'],
  ])('for the obligation %s', (obligation, message) => {
    const text = `${HEAD}rules:\n  - { id: a, effect: allow, on: [net.fetch], obligations: [${obligation}] }\n`;
    expect(problemsOf(text)[0]?.message).toContain(message);
  });

  it('with all its problems, in the order of the file', () => {
    const text = `${HEAD}rules:
  - { id: a, effect: deny, on: [file.read], when: 'resource.pth == "a" || resource.sise > 1' }
  - { id: a, effect: ask, on: [shell.rnu] }
settings: { x: { value: 1 } }
`;
    expect(problemsOf(text).map(({ line, column }) => [line, column])).toEqual([
      [4, 52],
      [4, 75],
      [5, 11],
      [5, 32],
      [6, 13],
    ]);
  });

  it('for an attribute that only some of its actions have', () => {
    const text = `${HEAD}rules:\n  - { id: a, effect: deny, on: [file.read, net.fetch], when: 'has(resource.path)' }\n`;
    expect(problemsOf(text)[0]?.message).toContain('not an attribute of net.fetch');
  });
});

describe('a policy file is accepted', () => {
  it('with groups of actions, labels and tests of every kind', () => {
    const text = `${HEAD}rules:
  - { id: a, effect: deny, on: ["task.*"], when: '"frozen" in context.task.labels && has(context.task)' }
  - { id: b, effect: allow, on: [tool.call], when: 'action.server == "docs"' }
  - { id: c, effect: allow, on: [file.write], when: 'resource.in_locks', expires: '2027-01-01T12:00:00+02:00' }
tests:
  - { request: { on: task.claim, labels: { frozen: 'yes' } }, expect: deny }
  - { request: { on: task.claim, subject: { kind: user, id: ana } }, expect: allow }
  - { request: { on: tool.call, server: docs, tool: search }, expect: allow }
  - { request: { on: file.write, path: src/a.ts, locks: ['src/**', '[broken'] }, expect: allow }
  - { request: { on: file.write, path: docs/a.md, locks: ['src/**'] }, expect: ask }
  - { request: { on: net.fetch, resource: { host: a } }, expect: ask }
`;
    expect(problemsOf(text)).toEqual([]);
  });

  it('where a test names what a rule with a date in the past decides', () => {
    const text = `${HEAD}rules:
  - { id: a, effect: deny, on: [net.fetch], expires: 2020-01-01 }
tests: [{ request: { on: net.fetch }, expect: deny }]
`;
    expect(problemsOf(text)).toEqual([]);
  });

  it('if it is absent', () => {
    expect(checkPolicy(layer(null))).toEqual([]);
  });
});
