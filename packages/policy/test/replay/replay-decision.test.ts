import { describe, expect, it } from '@jest/globals';
import { canonicalJson, sha256 } from '@signalbox/kernel';
import { createRandom } from '@signalbox/testkit';
import { initialPolicyYaml, type LayerSource, type Policy, type PolicyDecisionRecord } from '../../src/index.js';
import { replayDecision } from '../../src/replay/index.js';
import { randomRequest, randomRules } from '../findings/random-policy.js';
import { decide, decideLine, layer, load, request } from '../support.js';

const INITIAL = initialPolicyYaml({ name: 'demo', testCommands: [['npm', 'test']] });

/** The texts of a policy by digest, as a caller keeps them. */
function textsOf(policy: Policy) {
  const texts = new Map(policy.sources.flatMap(({ text }) => (text === null ? [] : [[sha256(text), text] as const])));
  return (digest: string) => texts.get(digest as never) ?? null;
}

/** What comes back from a file. */
const stored = (record: PolicyDecisionRecord): PolicyDecisionRecord => JSON.parse(canonicalJson(record));

function replayed(policy: Policy, record: PolicyDecisionRecord) {
  return replayDecision(stored(record), textsOf(policy));
}

const override = {
  id: 'ovr_1',
  rule: 'project/no',
  effect: 'allow' as const,
  ai: null,
  task: null,
  label: null,
  reason: 'release',
  by: 'user:ana',
  createdAt: '2026-11-22T00:00:00Z',
  expiresAt: null,
};

describe('replaying a decision', () => {
  it('agrees byte for byte, whatever was asked', () => {
    const policy = load(INITIAL, { exists: () => true, realPath: (path) => path.replace('link', 'real') });
    for (const line of ['git status', 'cat .env', 'ls link > out.txt', 'npm test && rm -rf /', 'x $y', 'cd a; ./run']) {
      expect([line, replayed(policy, decideLine(policy, line))]).toEqual([line, { status: 'agrees' }]);
    }
    for (const what of [request('file.write', { resource: { path: '__proto__' } }), request('approval.answer')]) {
      expect(replayed(policy, decide(policy, what))).toEqual({ status: 'agrees' });
    }
  });

  it('agrees for random policies of several layers, trusted or not', () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = createRandom(seed);
      const sources = (['global', 'project', 'ai'] as const).map((scope): LayerSource => {
        const rules = randomRules(random, 4).map(({ text }) => text);
        const text = `version: 1\nscope: ${scope}\ndefault: ${random.pick(['ask', 'deny'])}\nrules:\n${rules.join('')}`;
        return layer(random.below(5) ? text : null, { scope, path: `${scope}.yaml`, trusted: random.below(3) > 0 });
      });
      const policy = load(sources);
      for (let index = 0; index < 5; index++) {
        expect(replayed(policy, decide(policy, randomRequest(random)))).toEqual({ status: 'agrees' });
      }
    }
  });

  it('agrees where files are absent, broken or unreadable, and where overrides were used', () => {
    const overridable = `version: 1\nscope: project\nrules: [ { id: no, effect: deny, on: [net.fetch], overridable_by: [project] } ]`;
    const policies = [
      load(null),
      load('version: 2'),
      load('rules: [ *a ]'),
      load([layer(null, { error: 'Permission denied (EACCES)' })]),
      load(overridable, { overrides: [override] }),
      load(overridable, { overrides: [override, override] }),
    ];
    const records = policies.map((policy) => decide(policy, request('net.fetch', { resource: { host: 'a' } })));
    expect(records.map(({ decision }) => decision)).toEqual(['ask', 'deny', 'deny', 'deny', 'allow', 'deny']);
    for (const [index, policy] of policies.entries()) {
      expect([index, replayed(policy, records[index] as never)]).toEqual([index, { status: 'agrees' }]);
    }
  });

  it('names what differs in a record that was changed', () => {
    const policy = load(INITIAL);
    const record = decideLine(policy, 'git push');
    const changed = { ...stored(record), decision: 'allow', extra: 1 };
    expect(replayDecision(changed, textsOf(policy))).toMatchObject({
      status: 'differs',
      fields: ['decision', 'extra'],
      again: { decision: 'ask' },
    });
    const clock = { ...stored(record), replay: { ...record.replay, clock: '2027-01-01T00:00:00.000Z' } };
    expect(replayDecision(clock, textsOf(policy))).toMatchObject({ fields: ['time'] });
  });

  it('names the facts that were asked for and not recorded', () => {
    const policy = load(INITIAL);
    const record = stored(decideLine(policy, 'cat /etc/passwd'));
    const { exists, programs } = record.replay.facts;
    delete exists['/etc/passwd'];
    for (const key of Object.keys(programs)) delete programs[key];
    const replay = replayDecision(record, textsOf(policy));
    expect(replay).toMatchObject({ status: 'differs' });
    if (replay.status !== 'differs') return;
    expect(replay.fields).toEqual(expect.arrayContaining(['fact exists /etc/passwd', 'fact program cat from /repo']));
  });

  it('is incomplete without the texts of the policy, or with texts of another digest', () => {
    const policy = load(INITIAL);
    const record = stored(decideLine(policy, 'ls'));
    expect(replayDecision(record, () => null)).toMatchObject({
      status: 'incomplete',
      missing: [expect.stringContaining('the text of .ai/policy.yaml')],
    });
    expect(replayDecision(record, () => 'version: 1')).toMatchObject({
      status: 'incomplete',
      missing: [expect.stringContaining('does not have the digest')],
    });
  });

  it('says so when another engine decided', () => {
    const policy = load(INITIAL);
    const record = stored(decideLine(policy, 'ls'));
    record.engine.version = '0';
    expect(replayDecision(record, textsOf(policy))).toMatchObject({
      status: 'other-engine',
      recorded: { version: '0' },
      here: { name: 'signalbox-policy' },
    });
  });

  it('never throws for a record that is none', () => {
    const record = stored(decideLine(load(INITIAL), 'ls'));
    const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    const trap = new Proxy(record, {
      get: () => {
        throw new Error('no');
      },
    });
    const bad = [
      null,
      'x',
      {},
      trap,
      { ...record, request: { ...record.request, action: { name: 'shell.run', command: 5 } } },
      { ...record, request: { ...record.request, resource: { deep } } },
      { ...record, replay: { ...record.replay, clock: 'noon' } },
      { ...record, replay: { ...record.replay, workspace: '../..' } },
      { ...record, replay: { ...record.replay, facts: { realPaths: { a: 5 } } } },
      { ...record, layers: Array.from({ length: 200 }, () => record.layers[0]) },
    ];
    for (const [index, each] of bad.entries()) {
      expect([index, replayDecision(each, () => INITIAL).status]).toEqual([index, 'invalid']);
    }
  });
});
