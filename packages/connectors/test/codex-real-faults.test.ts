import { describe, expect, it } from '@jest/globals';
import { systemClock } from '@signalbox/kernel';
import type { OpenAIFault, OpenAIScenario } from '@signalbox/testkit';
import { codexConnector } from '../src/index.js';
import { SLOW_MS, scripted, shell, whySkipped, withReal } from './codex-real-bench.js';

const always = (fault: OpenAIFault): OpenAIScenario => ({ faults: [{ times: 100, fault }] });
const status = (code: number, message?: string): OpenAIFault =>
  message === undefined ? { kind: 'status', status: code } : { kind: 'status', status: code, message };

function inTwoHours(): number {
  return Math.floor(systemClock.now() / 1000) + 7200;
}

const skipped = await whySkipped();

if (skipped !== null) {
  console.log(`${skipped}: the tests with the real codex are left out.`);
  describe('the codex connector, with the real program and a provider that fails', () => {
    it('is not tested here', () => expect(skipped).not.toBeNull());
  });
} else {
  describe('the codex connector, with the real program and a provider that fails', () => {
    it(
      'maps the faults of the provider to classes of failure',
      async () => {
        const limit = { error: { type: 'usage_limit_reached', plan_type: 'pro', resets_at: inTwoHours() } };
        const failed = (code: string, message: string): OpenAIFault => ({ kind: 'failed', code, message });
        for (const [fault, expected] of [
          [status(401), 'auth'],
          [status(403), 'auth'],
          [{ kind: 'status', status: 429, headers: { 'retry-after': '0' } }, 'rate_limited'],
          [{ kind: 'body', status: 429, body: limit }, 'rate_limited'],
          [{ kind: 'body', status: 429, body: { error: { code: 'insufficient_quota' } } }, 'auth'],
          [failed('rate_limit_exceeded', 'Rate limit reached. Please try again in 10ms.'), 'rate_limited'],
          [failed('insufficient_quota', 'x'), 'auth'],
          [failed('context_length_exceeded', 'x'), 'agent_error'],
          [status(400), 'agent_error'],
          [status(404), 'agent_error'],
          [status(500), 'transient'],
          [{ kind: 'overloaded' }, 'transient'],
          [status(529), 'transient'],
          [failed('server_is_overloaded', 'x'), 'transient'],
          [{ kind: 'reset' }, 'transient'],
          [{ kind: 'reset_stream' }, 'transient'],
          [{ kind: 'end_stream' }, 'transient'],
          [{ kind: 'invalid_json' }, 'transient'],
          [{ kind: 'incomplete', reason: 'max_output_tokens' }, 'agent_error'],
        ] as const) {
          await withReal(always(fault), async (bench) => {
            const { result } = await bench.run(codexConnector);
            expect([JSON.stringify(fault), result.failure?.class]).toEqual([JSON.stringify(fault), expected]);
          });
        }
      },
      3 * SLOW_MS,
    );

    it(
      'tells when a limit of the account ends',
      () => {
        const resetsAt = inTwoHours();
        const body = { error: { type: 'usage_limit_reached', plan_type: 'pro', resets_at: resetsAt } };
        return withReal(always({ kind: 'body', status: 429, body }), async (bench) => {
          bench.request.environment = { ...bench.request.environment, TZ: 'Asia/Tokyo' };
          const { result } = await bench.run(codexConnector);
          const early = (result.failure?.resumeAt ?? 0) - resetsAt * 1000;
          expect(early).toBeGreaterThanOrEqual(0);
          expect(early).toBeLessThanOrEqual(60_000);
        });
      },
      SLOW_MS,
    );

    it(
      'goes on after a fault that passes',
      () =>
        withReal({ faults: [{ fault: status(500) }, { turn: 1, fault: { kind: 'reset_stream' } }] }, async (bench) => {
          bench.request.prompt = scripted(shell('echo a > a.txt'), { text: 'Done in the end.' });
          const { events, result } = await bench.run(codexConnector);
          expect(result).toMatchObject({ failure: null, summary: 'Done in the end.' });
          expect(events.some((event) => event.type === 'waiting')).toBe(true);
        }),
      SLOW_MS,
    );

    it(
      'fails as auth without a key, and before it asks the provider',
      () =>
        withReal({}, async (bench, fake) => {
          bench.request.config = { ...bench.request.config, keyVariable: 'ANOTHER_KEY' };
          expect((await bench.run(codexConnector)).result.failure?.class).toBe('auth');
          expect(fake.requests).toEqual([]);
        }),
      SLOW_MS,
    );

    it(
      'ends a hang by the idle watchdog',
      async () => {
        for (const kind of ['hang', 'hang_stream'] as const) {
          await withReal(always({ kind }), async (bench) => {
            bench.request.limits = { wallMs: 50_000, idleMs: 1500, startMs: 30_000 };
            const { result } = await bench.run(codexConnector);
            expect([kind, result.failure?.class]).toEqual([kind, 'stalled']);
          });
        }
      },
      SLOW_MS,
    );

    it(
      'does not wait for as long as a provider says',
      () =>
        withReal(always({ kind: 'status', status: 429, headers: { 'retry-after': '3600' } }), async (bench) => {
          bench.request.limits = { wallMs: 50_000, idleMs: 3000, startMs: 30_000 };
          expect((await bench.run(codexConnector)).result.failure?.class).toBe('rate_limited');
        }),
      SLOW_MS,
    );
  });
}
