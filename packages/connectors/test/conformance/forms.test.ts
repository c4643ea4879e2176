import { describe, expect, it } from '@jest/globals';
import { checkEvent, checkUsage } from '../../src/conformance/cases/event-form.js';
import { checkReport } from '../../src/conformance/cases/probe-report.js';
import type { AgentEvent, ProbeReport } from '../../src/contract.js';

const failed = (failure: unknown) => ({ type: 'result', failure, exitCode: null, usage: {}, summary: '' });

describe('the form of an event', () => {
  it.each<[object]>([
    [{ type: 'started' }],
    [{ type: 'started', session: 's', model: 'm', version: '1' }],
    [{ type: 'text', text: '' }],
    [{ type: 'tool', id: '1', name: 'Bash', phase: 'call', input: {} }],
    [{ type: 'tool', id: '1', name: 'Bash', phase: 'result', error: true }],
    [{ type: 'waiting', reason: 'a limit', untilMs: 7 }],
    [failed(null)],
    [failed({ class: 'rate_limited', message: 'Later.', resumeAt: 7 })],
  ])('may be %j', (event) => {
    expect(checkEvent(event as AgentEvent)).toEqual([]);
  });

  it.each<[unknown, string]>([
    [null, 'no event'],
    [{ type: 'toString' }, 'no event'],
    [{ type: 'text' }, 'wrong "text"'],
    [{ type: 'started', session: 7 }, 'wrong "session"'],
    [{ type: 'tool', id: '1', name: 'Bash', phase: 'end' }, 'wrong "phase"'],
    [{ type: 'tool', id: '1', name: 'Bash', phase: 'call', input: [] }, 'wrong "input"'],
    [{ type: 'waiting', reason: 'a limit', untilMs: Number.NaN }, 'wrong "untilMs"'],
    [failed({ class: 'checks_failed', message: 'No.' }), 'wrong "failure"'],
    [failed({ class: 'oops', message: 'No.' }), 'wrong "failure"'],
    [failed({ class: 'agent_error', message: '' }), 'wrong "failure"'],
    [failed({ class: 'agent_error', message: 'No.', resumeAt: 7 }), 'wrong "failure"'],
    [failed('no'), 'wrong "failure"'],
    [{ ...failed(null), exitCode: 0.5 }, 'wrong "exitCode"'],
  ])('may not be %j', (event, problem) => {
    expect(checkEvent(event as AgentEvent)).toEqual([expect.stringContaining(problem)]);
  });

  it('has usage in numbers that can be added', () => {
    expect(checkUsage({ inputTokens: 0, costUsd: 0.5 })).toEqual([]);
    expect(checkUsage({ inputTokens: -1, costUsd: Number.POSITIVE_INFINITY })).toHaveLength(2);
  });
});

describe('the form of a report', () => {
  const capabilities = { approvals: false, resume: false, usage: false, prompts: true };
  const fine: ProbeReport = {
    installed: true,
    program: '/x',
    version: '1',
    login: 'ready',
    capabilities,
    problems: [],
  };

  it('is looked at whole', () => {
    expect(checkReport(fine)).toEqual([]);
    expect(checkReport(null as unknown as ProbeReport)).toHaveLength(1);
    const wrong = { installed: 1, program: 'x', version: '', login: 'maybe', capabilities: { usage: true } };
    expect(checkReport(wrong as unknown as ProbeReport)).toHaveLength(8);
    expect(checkReport({ ...fine, problems: [{ message: 'Gone.', hint: '' }] })).toHaveLength(1);
    expect(checkReport({ ...fine, sandbox: 'strict' as never })).toHaveLength(1);
    expect(checkReport({ ...fine, installed: false })).toEqual([expect.stringContaining('says so')]);
  });
});
