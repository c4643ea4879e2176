import { describe, expect, it } from '@jest/globals';
import { checkPolicy, type Policy, type PolicyRequest } from '../../src/index.js';
import { suggestRules } from '../../src/suggest/index.js';
import { decide, judgeLine, layer, load, plainMachine, request } from '../support.js';

const READS = `version: 1
scope: project
default: ask
rules:
  - { id: reads, effect: allow, on: [shell.run], command: { argv: [[ls, cat], "..."] } }
  - { id: ask-push, effect: ask, on: [shell.run], command: { argv: [git, push, "..."] } }
  - { id: no-env, effect: deny, on: [file.read, file.write], when: 'resource.path.glob("**/.env")' }`;

const line = (command: string): PolicyRequest => request('shell.run', { action: { command } });

/** What is suggested, checked by itself, and the policy with it. */
function suggest(what: PolicyRequest, options: { text?: string; known?: boolean } = {}) {
  const policy = load(options.text ?? READS);
  const suggestion = suggestRules(what, decide(policy, what), options.known === false ? undefined : policy);
  expect(checkPolicy(layer(suggestion.yaml))).toEqual([]);
  const after: Policy = load([...policy.sources, layer(suggestion.yaml, { path: 'suggestion.yaml' })]);
  return { ...suggestion, after };
}

describe('the rules suggested for an approval that is to hold for always', () => {
  it('allow the very words, and nothing next to them', () => {
    const { yaml, wouldMatch, wouldNotMatch, stillBlocked, after } = suggest(line('npm run build'));
    expect(yaml).toMatch(/^version: 1\nscope: project\nrules:\n {2}- id: always-npm-[0-9a-f]{8}\n {4}effect: allow\n/);
    expect(yaml).toContain('command: {"argv":["npm","run","build"]}');
    expect([wouldMatch, wouldNotMatch, stillBlocked]).toEqual([
      ['npm run build, by ai:codex, in any folder of the workspace'],
      ['npm run build more, or any other words'],
      [],
    ]);
    expect(judgeLine(after, 'npm run build')).toBe('allow');
    for (const other of [
      'npm run build more',
      'npm run',
      'npm run build && npm i',
      'npm run build > x',
      './npm run build',
    ]) {
      expect([other, judgeLine(after, other)]).toEqual([other, 'ask']);
    }
    expect(judgeLine(after, 'npm run build', { id: 'claude' })).toBe('ask');
  });

  it('are one for each command that was not allowed already, and for each file the shell opens', () => {
    const what = line('cat a.txt | npm run "x y" && timeout 5 make all > out/log.txt; make all');
    const { wouldMatch, stillBlocked, after } = suggest(what);
    expect(wouldMatch).toEqual([
      expect.stringContaining('npm run "x y",'),
      expect.stringContaining('make all,'),
      expect.stringContaining('a write to out/log.txt,'),
    ]);
    expect(stillBlocked).toEqual([]);
    expect(decide(after, what).decision).toBe('allow');
  });

  it('are for every command where the policy is not known', () => {
    const { wouldMatch, stillBlocked } = suggest(line('cat a.txt | npm test'), { known: false });
    expect(wouldMatch).toHaveLength(2);
    expect(stillBlocked).toEqual([]);
  });

  it('name the rules that still ask or deny', () => {
    expect(suggest(line('git push && make')).stillBlocked).toEqual(['project/ask-push']);
    expect(suggest(line('git push && make'), { known: false }).stillBlocked).toEqual(['project/ask-push']);
    expect(suggest(request('file.write', { resource: { path: '.env' } })).stillBlocked).toEqual(['project/no-env']);
    const obliged = `version: 1\nscope: project
rules: [ { id: a, effect: allow, on: [net.fetch], obligations: [ { approval: user } ] } ]`;
    for (const known of [true, false]) {
      expect(suggest(request('net.fetch', { resource: { host: 'a' } }), { text: obliged, known }).stillBlocked).toEqual(
        ['project/a'],
      );
    }
  });

  it('leave out what no rule can allow, and say so', () => {
    const { yaml, stillBlocked } = suggest(line('make $TARGET; echo ...'));
    expect(yaml).toContain('rules: []');
    expect(stillBlocked).toEqual(
      expect.arrayContaining([expect.stringContaining('make $TARGET'), expect.stringContaining('echo ...')]),
    );
    expect(suggest(request('approval.answer'), { known: false }).stillBlocked).toEqual([
      'Only a user may do approval.answer.',
    ]);
  });

  it('allow a file under both of its names', () => {
    const policy = load(READS, { realPath: (path) => plainMachine.realPath(path).replace('/repo/link', '/repo/real') });
    const what = request('file.write', { resource: { path: 'link/a.md' } });
    const { yaml } = suggestRules(what, decide(policy, what), policy);
    expect(yaml).toContain('resource.path in [\\"link/a.md\\",\\"real/a.md\\"]');
    const after = load([layer(READS), layer(yaml, { path: 'suggestion.yaml' })], policy.facts);
    expect(decide(after, what).decision).toBe('allow');
    expect(decide(after, request('file.write', { resource: { path: 'link/b.md' } })).decision).toBe('ask');
  });

  it('bind hosts, tools and other things by every attribute that has one value', () => {
    const cases: [PolicyRequest, PolicyRequest, string][] = [
      [
        request('net.fetch', { resource: { host: 'a.com', port: 443 } }),
        request('net.fetch', { resource: { host: 'a.com', port: 80 } }),
        'net.fetch with host a.com, port 443, by ai:codex',
      ],
      [
        request('tool.call', { action: { server: 's', tool: 't' } }),
        request('tool.call', { action: { server: 's', tool: 'u' } }),
        'tool.call with server s, tool t, by ai:codex',
      ],
      [request('task.create'), request('task.create', { id: 'claude' }), 'any task.create, by ai:codex'],
    ];
    for (const [what, other, words] of cases) {
      const { after, wouldMatch } = suggest(what);
      expect(wouldMatch).toEqual([words]);
      expect([decide(after, what).decision, decide(after, other).decision]).toEqual(['allow', 'ask']);
    }
  });

  it('survive names that YAML or an id would read in another way', () => {
    for (const command of ["make 'true' 'null' '1e9' ': x' '#y'", '"/opt/My Tool/run" --x=1', 'make "a\\"b" é']) {
      const { after, stillBlocked } = suggest(line(command));
      expect([command, judgeLine(after, command), stillBlocked]).toEqual([command, 'allow', []]);
    }
  });
});
