import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from '@signalbox/kernel';
import { createRandom, type Random } from '@signalbox/testkit';
import { evaluateRequest, loadPolicy, type Policy } from '../src/index.js';
import { randomOverrides, randomRequest, randomRules, writeLayer } from './random-policy.js';
import { referenceVerdict } from './reference.js';
import { decide, load, NOW, plainMachine, request } from './support.js';

// Rules, and requests of each policy.
const SIZES = [3, 8, 40];
const REQUESTS = 12;

function randomPolicy(random: Random): Policy {
  const most = random.pick(SIZES);
  const sources = [
    writeLayer(random, 'global', randomRules(random, most)),
    writeLayer(random, 'project', randomRules(random, most), random.below(3) > 0),
    writeLayer(random, 'ai', randomRules(random, 4), random.below(3) > 0),
  ].filter(() => random.below(5) > 0);
  // Some of the programs lie in the workspace.
  const resolveProgram = (name: string) => (name === 'npm' ? '/repo/bin/npm' : `/usr/bin/${name}`);
  return load(sources, { overrides: randomOverrides(random), resolveProgram });
}

describe('a compiled policy', () => {
  it('decides as asking every rule about every part does', () => {
    const random = createRandom(31);
    const seen = new Map<string, number>();
    for (let round = 0; round < 220; round++) {
      const policy = randomPolicy(random);
      expect(policy.problems).toEqual([]);
      for (let each = 0; each < REQUESTS; each++) {
        const what = randomRequest(random);
        const { decision, reasonCode, determining, obligations, parts } = evaluateRequest(policy, what, NOW);
        const matched = new Set(parts.flatMap((part) => part.matched.map(({ rule }) => rule.id)));
        const errors = new Set(parts.flatMap((part) => part.errors.map(({ rule }) => rule.id)));
        const found = { decision, reasonCode, determining, obligations, matched: [...matched], errors: [...errors] };
        expect({ what, found }).toEqual({ what, found: referenceVerdict(policy, what, NOW) });
        seen.set(reasonCode, (seen.get(reasonCode) ?? 0) + 1);
      }
    }
    // The generator reaches every way in which a decision is taken.
    expect([...seen.keys()].sort()).toEqual([
      'base',
      'default',
      'error.eval',
      'obligation.approval',
      'obligation.unmet',
      'rule.allow',
      'rule.ask',
      'rule.deny',
    ]);
  });

  it('writes the same bytes again, also when loaded at another time, and from its own record alone', () => {
    const random = createRandom(32);
    for (let round = 0; round < 170; round++) {
      const policy = randomPolicy(random);
      const later = loadPolicy(policy.sources, { now: NOW * 2, workspace: '/repo', ...policy.facts });
      for (let each = 0; each < REQUESTS; each++) {
        const record = decide(policy, randomRequest(random));
        const bytes = canonicalJson(record);
        const again = record.request as never;
        expect(canonicalJson(decide(policy, again))).toBe(bytes);
        expect(canonicalJson(decide(later, again))).toBe(bytes);
        expect(canonicalJson(decide(replayed(policy, record.replay.facts), again))).toBe(bytes);
      }
    }
  });

  it('is compiled anew for a copy with other rules', () => {
    const random = createRandom(33);
    const policy = load([writeLayer(random, 'global', ['{ id: a, effect: deny, on: [net.fetch] }'])]);
    const what = { ...randomRequest(random), action: { name: 'net.fetch' } };
    expect(decide(policy, what).decision).toBe('deny');
    expect(decide({ ...policy, rules: [] }, what).matched).toEqual([]);
  });

  it('looks a value up in every view of a path', () => {
    const paths = ['.env', 'a', 'b', 'c', 'd'];
    const rules = paths.map(
      (path, at) => `{ id: r${at}, effect: deny, on: [file.read], when: 'resource.path == "${path}"' }`,
    );
    const policy = load([writeLayer(createRandom(1), 'global', rules)]);
    const read = (path: string) => decide(policy, request('file.read', { resource: { path } })).determining;
    expect(read('.env')).toEqual(['global/r0']);
    expect(read('.ENV')).toEqual(['global/r0']);
    expect(read('B')).toEqual(['global/r2']);
    expect(read('e')).toEqual([]);
  });

  it('decides about folders as asking every rule does, whatever the path is written like', () => {
    const random = createRandom(35);
    const links = new Map([['/repo/docs/link', '/repo/SRC/.env']]);
    for (let round = 0; round < 60; round++) {
      const rules = Array.from({ length: random.below(16) }, (_, index) => randomFolderRule(random, `r${index}`));
      const sources = [writeLayer(random, 'project', rules, random.below(4) > 0)];
      const policy = load(sources, { realPath: (path) => links.get(path) ?? plainMachine.realPath(path) });
      expect(policy.problems).toEqual([]);
      for (let each = 0; each < REQUESTS; each++) {
        const what = request('file.write', { resource: { path: random.pick(PATHS), size: random.below(4) } });
        const { decision, determining, parts } = evaluateRequest(policy, what, NOW);
        const matched = parts.flatMap((part) => part.matched.map(({ rule }) => rule.id));
        const errors = [...new Set(parts.flatMap((part) => part.errors.map(({ rule }) => rule.id)))];
        expect({ what, found: { decision, determining, matched, errors } }).toEqual({
          what,
          found: pickVerdict(referenceVerdict(policy, what, NOW)),
        });
      }
    }
  });

  it('does not mind the order of the rules in a file', () => {
    const random = createRandom(34);
    for (let round = 0; round < 170; round++) {
      const rules = randomRules(random, 12);
      const seed = random.below(1e6);
      const [one, other] = [rules, shuffle(random, rules)].map((list) =>
        load([writeLayer(createRandom(seed), 'project', list)]),
      ) as [Policy, Policy];
      for (let each = 0; each < REQUESTS; each++) {
        const what = randomRequest(random);
        expect(outcome(other, what)).toEqual(outcome(one, what));
      }
    }
  });
});

const FOLDER_CONDITIONS = [
  'resource.path.glob("src/**")',
  'resource.path.glob("SRC/*") && has(resource.size)',
  'resource.size > 1 && resource.path.startsWith("docs/a")',
  'resource.path.startsWith("/etc/")',
  'resource.path.startsWith("src")',
  'resource.path.glob("{src,docs}/**")',
  'resource.path.glob("src")',
  'resource.path.glob("docs/*.md") && resource.exists',
  'resource.path.glob("**/.env") || resource.path.startsWith("docs/")',
];
const PATHS: readonly (string | number | null)[] = [
  ...['src/a.ts', 'src', 'SRC/.env', 'Src/a', 'docs/a.md', 'docs/link', 'Docs/A.md', '/etc/passwd', '/repo/src/b', '.'],
  ...['src/../docs/a', './src/a', 'docs//a', '../x', 'srcs/a', ''],
  7,
  null,
];

function randomFolderRule(random: Random, id: string): string {
  const effect = random.pick(['allow', 'allow', 'ask', 'deny']);
  const clause = random.below(6) === 0 ? 'unless' : 'when';
  return `{ id: ${id}, effect: ${effect}, on: [file.write], ${clause}: '${random.pick(FOLDER_CONDITIONS)}' }`;
}

function pickVerdict({ decision, determining, matched, errors }: ReturnType<typeof referenceVerdict>) {
  return { decision, determining, matched, errors };
}

function outcome(policy: Policy, what: ReturnType<typeof randomRequest>) {
  const { decision, reasonCode, determining, matched, exceptionsUsed } = decide(policy, what);
  // Of several unmet obligations the first is named, which is the one that stands first.
  const named = reasonCode === 'obligation.unmet' ? [] : [...determining].sort();
  const used = exceptionsUsed.map(({ rule, effect }) => `${rule} ${effect}`).sort();
  return { decision, reasonCode, named, matched: matched.map(({ rule }) => rule).sort(), used };
}

function shuffle<T>(random: Random, items: readonly T[]): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(random.below(rest.length), 1)[0] as T);
}

/** The same policy on a machine that knows nothing but what was recorded. */
function replayed(policy: Policy, facts: ReturnType<typeof decide>['replay']['facts']): Policy {
  const known = <T>(answers: Record<string, T>, key: string): T => {
    if (!Object.hasOwn(answers, key)) throw new Error(`"${key}" was not recorded`);
    return answers[key] as T;
  };
  const realPath = (path: string): string => {
    const found = known(facts.realPaths, path);
    if (found === null) throw new Error('unknown');
    return found;
  };
  return loadPolicy(policy.sources, {
    ...plainMachine,
    now: NOW,
    workspace: '/repo',
    realPath,
    exists: (path) => known(facts.exists, path),
    resolveProgram: (name, cwd) => known(facts.programs, `${name} from ${cwd}`),
  });
}
