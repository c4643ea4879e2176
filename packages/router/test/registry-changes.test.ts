import { describe, expect, it } from '@jest/globals';
import { isoTime } from '@signalbox/kernel';
import type { ProbeFindings } from '../src/index.js';
import { codeOf, note, type RegistryBench, refuse, withRegistryBench } from './support/registry-bench.js';

const MINUTE = 60_000;

async function withClaude(work: (bench: RegistryBench, ais: ReturnType<RegistryBench['open']>) => Promise<void>) {
  await withRegistryBench(async (bench) => {
    const ais = bench.open();
    const draft = { id: 'claude', connector: 'claude-code', labels: { team: 'core' }, capabilities: ['edit'] };
    await ais.register({ ...draft, config: { model: 'x' } }, () => []);
    await work(bench, ais);
  });
}

const findings = (at: number, more: Partial<ProbeFindings> = {}): ProbeFindings => ({
  ...{ at, ok: true, version: '2.1.0', capabilities: ['resume', 'approvals', 'resume'], problems: [] },
  ...more,
});

describe('updating an AI', () => {
  it('replaces what the patch names, leaves the rest, and records it', () =>
    withClaude(async (bench, ais) => {
      const before = await ais.get('claude');
      const updated = await ais.update(
        'claude',
        { labels: { area: 'web' }, capabilities: ['shell', 'edit', 'shell'], maxConcurrent: 4 },
        note('ai.updated'),
      );
      expect(updated).toEqual({
        ...before,
        labels: { area: 'web' },
        capabilities: ['edit', 'shell'],
        maxConcurrent: 4,
      });
      expect(await ais.get('claude')).toEqual(updated);
      expect(bench.entries()).toEqual(note('ai.updated')(updated));
    }));

  it.each([0, 1.5, 1_001])('refuses %d attempts at once', (maxConcurrent) =>
    withClaude(async (bench, ais) => {
      const before = await ais.get('claude');
      expect(await codeOf(ais.update('claude', { maxConcurrent }, note('ai.updated')))).toBe('INVALID_AI');
      expect(await ais.get('claude')).toEqual(before);
      expect(bench.entries()).toEqual([]);
    }),
  );

  it('forgets what was probed when the configuration is another, and only then', () =>
    withClaude(async ({ clock }, ais) => {
      const probed = await ais.probed('claude', findings(clock.now()));
      expect((await ais.update('claude', { config: { model: 'x' } }, () => [])).probe).toEqual(probed.probe);
      await clock.advance(MINUTE);
      const updated = await ais.update('claude', { config: { model: 'y' } }, () => []);
      expect(updated).toMatchObject({ probe: null, config: { model: 'y' }, clearedAt: isoTime(clock.now()) });
    }));
});

describe('pausing an AI', () => {
  it('says why and until when, and is recorded', () =>
    withClaude(async ({ clock, entries }, ais) => {
      const until = clock.now() + MINUTE;
      const paused = await ais.pause('claude', { reason: 'Maintenance', until }, note('ai.paused'));
      expect(paused).toMatchObject({ status: 'paused', pauseReason: 'Maintenance', pausedUntil: isoTime(until) });
      expect(await ais.list()).toEqual([paused]);
      expect(entries()).toEqual(note('ai.paused')(paused));
    }));

  it('ends by itself at its time, and leaves no trace', () =>
    withClaude(async ({ clock }, ais) => {
      const before = await ais.get('claude');
      const paused = await ais.pause('claude', { reason: 'Quota', until: clock.now() + MINUTE - 0.5 }, () => []);
      await clock.advance(MINUTE - 1);
      expect(await ais.get('claude')).toEqual(paused);
      await clock.advance(1);
      expect(await ais.get('claude')).toEqual(before);
      expect(await ais.list()).toEqual([before]);
    }));

  it.each([undefined, null])('lasts until it is resumed when its end is %s', (until) =>
    withClaude(async ({ clock, entries }, ais) => {
      const pause = until === undefined ? { reason: 'Wait' } : { reason: 'Wait', until };
      expect(await ais.pause('claude', pause, () => [])).not.toHaveProperty('pausedUntil');
      await clock.advance(1_000_000 * MINUTE);
      expect((await ais.get('claude')).status).toBe('paused');
      const resumed = await ais.resume('claude', note('ai.resumed'));
      expect(resumed).toMatchObject({ status: 'online', clearedAt: isoTime(clock.now()) });
      expect(resumed).not.toHaveProperty('pauseReason');
      expect(entries()).toEqual(note('ai.resumed')(resumed));
    }),
  );

  it('replaces a pause that is there', () =>
    withClaude(async ({ clock }, ais) => {
      await ais.pause('claude', { reason: 'Quota', until: clock.now() + MINUTE }, () => []);
      const paused = await ais.pause('claude', { reason: 'For good' }, () => []);
      expect(paused).toMatchObject({ status: 'paused', pauseReason: 'For good' });
      expect(paused).not.toHaveProperty('pausedUntil');
    }));

  it.each([Number.NaN, Infinity, -1])('refuses %d as its end', (until) =>
    withClaude(async ({ entries }, ais) => {
      expect(await codeOf(ais.pause('claude', { reason: 'x', until }, note('ai.paused')))).toBe('INVALID_AI');
      expect((await ais.get('claude')).status).toBe('online');
      expect(entries()).toEqual([]);
    }),
  );

  it('survives a change of labels and a probe', () =>
    withClaude(async ({ clock }, ais) => {
      await ais.pause('claude', { reason: 'Wait' }, () => []);
      expect((await ais.label('claude', { a: 'b' }, () => [])).status).toBe('paused');
      expect((await ais.probed('claude', findings(clock.now(), { ok: false }))).status).toBe('paused');
    }));
});

describe('resuming an AI', () => {
  it('succeeds when it is not paused', () =>
    withClaude(async (_, ais) => {
      expect((await ais.resume('claude', () => [])).status).toBe('online');
    }));
});

describe('removing an AI', () => {
  it('forgets it, records it as it was, and frees its id', () =>
    withClaude(async ({ entries, clock }, ais) => {
      await ais.pause('claude', { reason: 'Wait' }, () => []);
      await ais.probed('claude', findings(clock.now()));
      const before = await ais.get('claude');
      expect(await ais.remove('claude', note('ai.removed'))).toEqual(before);
      expect(await ais.list()).toEqual([]);
      expect(entries()).toEqual(note('ai.removed')(before));
      const again = await ais.register({ id: 'claude', connector: 'codex' }, () => []);
      expect(await ais.get('claude')).toEqual(again);
      expect(again).toMatchObject({ status: 'online', probe: null, connector: 'codex' });
    }));
});

describe('what a probe found', () => {
  it('is told beside what is declared, and recorded nowhere', () =>
    withClaude(async ({ clock, entries }, ais) => {
      const problems = [{ message: 'It is old.', hint: 'Update it.' }];
      const probed = await ais.probed('claude', findings(clock.now(), { problems, lacks: ['usage'] }));
      expect(probed).toMatchObject({
        status: 'online',
        capabilities: ['edit'],
        probe: {
          ...{ at: isoTime(clock.now()), ok: true, version: '2.1.0', problems },
          ...{ capabilities: ['approvals', 'resume'], lacks: ['usage'] },
        },
      });
      expect(await ais.list()).toEqual([probed]);
      expect(entries()).toEqual([]);
    }));

  it('makes it offline when no agent is there, in error when one is, and online again', () =>
    withClaude(async ({ clock }, ais) => {
      const statusAfter = async (more: Partial<ProbeFindings>) =>
        (await ais.probed('claude', findings(clock.now(), more))).status;
      expect(await statusAfter({ ok: false, version: null })).toBe('offline');
      expect(await statusAfter({ ok: false })).toBe('error');
      expect(await statusAfter({ version: null })).toBe('online');
    }));
});

describe('every change', () => {
  it('is undone when it cannot be recorded', () =>
    withClaude(async ({ entries, clock }, ais) => {
      await ais.pause('claude', { reason: 'Wait', until: clock.now() + MINUTE }, () => []);
      const before = await ais.get('claude');
      const changes = [
        ais.update('claude', { maxConcurrent: 2, config: {} }, refuse),
        ais.pause('claude', { reason: 'Other' }, refuse),
        ais.resume('claude', refuse),
        ais.remove('claude', refuse),
      ];
      for (const change of changes) expect(await codeOf(change)).toBe('The journal is full.');
      expect(await ais.list()).toEqual([before]);
      expect(entries()).toEqual([]);
    }));

  it('refuses an AI that is not there', () =>
    withClaude(async ({ entries }, ais) => {
      const changes = [
        ais.update('claud', {}, note('ai.updated')),
        ais.pause('claud', { reason: 'x' }, note('ai.paused')),
        ais.resume('claud', note('ai.resumed')),
        ais.remove('claud', note('ai.removed')),
        ais.probed('claud', findings(0)),
      ];
      for (const change of changes) expect(await codeOf(change)).toBe('AI_NOT_FOUND');
      await ais.touch('claud');
      expect(entries()).toEqual([]);
    }));
});

describe('resolving an id', () => {
  it('takes any unique beginning, and an id for itself', () =>
    withClaude(async (_, ais) => {
      for (const id of ['codex', 'codex-2', 'code_r']) await ais.register({ id, connector: 'codex' }, () => []);
      expect(await ais.resolve('cl')).toBe('claude');
      expect(await ais.resolve('codex')).toBe('codex');
      expect(await ais.resolve('codex-')).toBe('codex-2');
      expect(await ais.resolve('code_')).toBe('code_r');
      await expect(ais.resolve('code')).rejects.toMatchObject({
        code: 'AMBIGUOUS_ID',
        details: { matches: ['code_r', 'codex', 'codex-2'] },
      });
      for (const none of ['', 'x', 'codex-22', '%', 'CL']) expect(await codeOf(ais.resolve(none))).toBe('AI_NOT_FOUND');
    }));
});

describe('the turn of an AI', () => {
  it('keeps the order of use within one millisecond and when the clock steps back', () =>
    withClaude(async ({ clock }, ais) => {
      await ais.register({ id: 'codex', connector: 'codex' }, () => []);
      await ais.touch('claude');
      await ais.touch('codex');
      clock.jump(-3_600_000);
      await ais.touch('claude');
      const [claude, codex] = await ais.list();
      expect(Date.parse(String(claude?.lastSeen))).toBeGreaterThan(Date.parse(String(codex?.lastSeen)));
    }));
});
