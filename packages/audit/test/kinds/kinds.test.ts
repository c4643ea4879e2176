import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kernel';
import { createRotation, createSigningKey } from '../../src/index.js';
import { checkEntry, ENTRY_SCHEMAS, entryJsonSchemas, entryKinds } from '../../src/kinds/index.js';

const digest = `sha256:${'a'.repeat(64)}`;
const commit = 'b'.repeat(40);
const time = '2026-01-01T00:00:00.000Z';
const settled = { attempt: 'att_1', fence: 1, outcome: 'succeeded' };
const lock = { glob: 'src/**', mode: 'exclusive' };
const ai = { id: 'codex', connector: 'codex', labels: {}, capabilities: [], maxConcurrent: 1, config: {} };
const decided = {
  ...{ id: 'pdr_1', time, decision: 'allow', reasonCode: 'rule.allow', reason: 'x', request: {} },
  ...{
    inputDigest: digest,
    policyDigest: digest,
    layers: [{ scope: 'project', path: 'p', digest: null, state: 'absent' }],
  },
  engine: { name: 'signalbox', version: '1' },
  ...{ matched: [], determining: [], exceptionsUsed: [], obligations: [], errors: [], normalised: {}, replay: {} },
};
const created = {
  ...{ title: 'Fix it', description: '', type: 'bugfix', run: null, priority: 0, needs: [], locks: [lock] },
  ...{ labels: {}, capabilities: [], ai: null, checks: [], maxAttempts: 3, status: 'queued' },
};

/** One sound example of each kind. */
const override = {
  ...{ id: 'ovr_1', rule: 'project/ask', effect: 'allow', reason: 'mirror', by: 'user:ana', createdAt: time },
  ...{ ai: null, task: null, label: null, expiresAt: null },
};
const answer = { effect: 'approve', scope: 'once', by: 'user:ana', at: time, reason: null };
const approval = {
  ...{ id: 'apr_1', state: 'waiting', digest, decision: 'pdr_1', requester: 'ai:codex', task: 'tsk_1', what: 'push' },
  ...{ rules: ['project/ask'], approvers: [], authors: ['ai:codex'], requestedAt: time, expiresAt: time },
  ...{ answer: null, usedFor: null, requestDigest: digest, exactlyDigest: digest },
};

const EXAMPLES: Record<string, JsonObject> = {
  'task.created': created,
  'task.claimed': { holder: 'user:ana', fence: 1, expiresAt: time, locks: [lock] },
  'task.started': { attempt: 'att_1', number: 1, fence: 1, ai: null },
  'task.completed': { ...settled, verdict: { pass: true, needsPerson: false, reasons: [] } },
  'task.failed': { ...settled, outcome: 'failed', failure: { class: 'crashed', message: 'x' } },
  'task.blocked': { blockedBy: [{ kind: 'lock', task: 'tsk_2', glob: 'src/**' }] },
  'task.requeued': { status: 'queued', by: 'operator' },
  'task.unblocked': {},
  'task.accepted': { attempt: 'att_1', commit },
  'task.updated': { priority: 3, status: 'queued' },
  'task.cancelled': { reason: 'not needed' },
  'task.cancel_requested': { reason: null },
  'task.lock_added': lock,
  'task.lock_wanted': { ...lock, attempt: 'att_1', holders: ['tsk_2'] },
  'task.expired': { status: 'queued', failure: null },
  'task.fenced': { status: 'running', fence: null },
  'landing.intended': { ref: 'r', old: commit, new: commit, attempt: 'att_1', fence: 2 },
  'landing.prepared': { ref: 'r', commit },
  'landing.landed': { ref: 'r', commit, recovered: true },
  'landing.accepted': { ref: 'r', commit },
  'landing.reverted': { ref: 'r', commit, reverted: commit },
  'landing.merged': { branch: 'main', from: commit, to: commit, commits: 1 },
  'workspace.discarded': { name: 'tsk_1', attempt: 'att_1', state: 'kept', patches: [digest], whole: true },
  'policy.decided': decided,
  'policy.outcome': { decision: 'pdr_1', enforced: true, agrees: true, exit: 0 },
  'policy.loaded': { scope: 'project', path: '.ai/policy.yaml', digest },
  'policy.override_added': override,
  'policy.override_revoked': { ...override, revoked: { by: 'user:ana', at: time } },
  'approval.requested': approval,
  'approval.answered': { ...approval, state: 'approved', answer },
  'approval.used': { ...approval, state: 'used', answer, usedFor: 'pdr_2' },
  'approval.given_back': { ...approval, state: 'approved', answer },
  'approval.expired': { ...approval, state: 'expired' },
  'agent.refused': { what: 'register an AI' },
  'ai.registered': ai,
  'ai.labelled': ai,
  'ai.updated': ai,
  'ai.paused': { id: 'codex', reason: 'billing', until: time },
  'ai.resumed': { id: 'codex' },
  'ai.removed': { id: 'codex', connector: 'codex' },
  'evidence.collected': {
    ...{ id: 'evi_1', at: time, attempt: 'att_1', kind: 'command', producer: 'system', grade: 'verified' },
    ...{ tree: null, digest, size: 0, summary: {} },
  },
  'evidence.removed': { id: 'evi_1', attempt: 'att_1', digest, size: 0, reason: 'x', also: [] },
  'log.created': { log: 'log_1', format: 1 },
  'log.exported': { size: 7 },
  'log.sealed': { first: 1, last: 9, file: 'f', bytes: 1, digest },
  'log.recovered': { file: 'f', lostBytes: 3, lostLines: 1, digest },
  'key.rotated': createRotation('signalbox.dev/log_1', createSigningKey('a'), createSigningKey('b'), 'system').data,
  'backup.made': { digest, bytes: 1, size: 1 },
  'backup.restored': { digest, size: 1, createdAt: time },
};
const check = (kind: string, data: JsonObject, actor = 'user:ana', subject = 'task/tsk_1') =>
  checkEntry({ kind, actor, subject, data });

describe('the registry of kinds', () => {
  it('has an example here for each kind, and every one is sound', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(entryKinds());
    for (const [kind, data] of Object.entries(EXAMPLES)) expect([kind, check(kind, data)]).toEqual([kind, []]);
  });

  it('finds a member that is missing or of another type, in every kind that needs any', () => {
    for (const [kind, data] of Object.entries(EXAMPLES)) {
      for (const name of Object.keys(data)) {
        const problems = check(kind, { ...data, [name]: { no: ['such', 'thing'] } as unknown as JsonObject });
        const isFree = ['request', 'replay', 'normalised', 'labels', 'config', 'summary'].includes(name);
        if (!isFree) expect([kind, name, problems.length > 0]).toEqual([kind, name, true]);
      }
    }
    expect(check('task.claimed', { holder: 'x' }).map(({ at }) => at)).toContain('data.expiresAt');
  });

  it('lets facts be added', () => {
    expect(check('task.started', { ...EXAMPLES['task.started'], host: 'build-1' })).toEqual([]);
  });

  it('allows an unknown kind only under a name of its own', () => {
    expect(check('x-acme.deployed', { anything: [1] })).toEqual([]);
    for (const kind of ['acme.deployed', 'task.exploded', 'x-acme', 'constructor', 'x-.a']) {
      expect(check(kind, {})).toEqual([{ at: 'kind', message: expect.stringContaining(kind) }]);
    }
  });

  it('asks for an actor and a subject', () => {
    for (const actor of ['system', 'executor', 'ai:codex', 'workflow:run_1'])
      expect(check('task.unblocked', {}, actor)).toEqual([]);
    expect(check('task.unblocked', {}, 'ana')).toEqual([{ at: 'actor', message: expect.any(String) }]);
    expect(check('task.unblocked', {}, 'system', '')).toEqual([{ at: 'subject', message: expect.any(String) }]);
  });

  it('gives each schema as JSON Schema', () => {
    const schemas = entryJsonSchemas();
    expect(Object.keys(schemas)).toEqual(entryKinds());
    expect(schemas['task.claimed']).toMatchObject({
      type: 'object',
      required: ['holder', 'fence', 'expiresAt', 'locks'],
    });
    expect(Object.keys(ENTRY_SCHEMAS)).toHaveLength(entryKinds().length);
  });
});
