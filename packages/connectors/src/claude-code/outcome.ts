import type { JsonObject } from '@signalbox/kernel';
import type { Failure, FailureClass, Usage } from '../contract.js';
import type { ExitStatus } from '../process/types.js';
import { numberAt, objectAt, textAt } from './json-access.js';
import type { Findings } from './reading.js';

const QUOTED_CHARS = 2000;

/** Errors of the provider that only a person can end. */
const AUTH_ERRORS = new Set(['authentication_failed', 'oauth_org_not_allowed', 'billing_error']);
const AUTH_STATUSES = new Set([401, 402, 403]);

/** Errors that the same request would meet again. */
const FINAL_ERRORS = new Set(['invalid_request', 'model_not_found', 'max_output_tokens']);
const FINAL_STATUSES = new Set([400, 404, 413]);

/** Whether a retry for this error is in vain: claude itself retries a refused key for minutes. */
export function isAuthError(error: string | null): boolean {
  return error !== null && AUTH_ERRORS.has(error);
}

/**
 * Judges a run that nobody stopped. Success needs every sign: exit 0, a result line with subtype `success`, `is_error`
 * false, a `stop_reason` (a cut stream gives none) and a `terminal_reason` that says completed, where one is given.
 */
export function judgeRun(exit: ExitStatus, findings: Findings, errorTail: string): Failure | null {
  const { result } = findings;
  const tail = errorTail.trim().slice(-QUOTED_CHARS);
  const quoted = tail === '' ? '.' : `: ${tail}`;
  if (result === null) {
    if (exit.code === null) return { class: 'crashed', message: `claude was killed by ${exit.signal}${quoted}` };
    return { class: 'invalid_output', message: `claude ended with exit code ${exit.code} and no result${quoted}` };
  }
  if (result['is_error'] !== false || result['subtype'] !== 'success') return judgeError(result, findings);
  const reason = textAt(result, 'terminal_reason') ?? 'completed';
  const missing = [
    exit.code === 0 ? '' : `exit code 0 (it was ${exit.code ?? exit.signal})`,
    textAt(result, 'stop_reason') === null ? 'a stop reason, as after a cut stream' : '',
    reason === 'completed' ? '' : `a complete end (it was ${reason})`,
  ].filter((sign) => sign !== '');
  if (missing.length === 0) return null;
  return { class: 'invalid_output', message: `claude reported success without ${missing.join(' and ')}.` };
}

function judgeError(result: JsonObject, findings: Findings): Failure {
  const { providerError, resumeAt } = findings;
  const status = numberAt(result, 'api_error_status');
  const message = errorText(result);
  // `error_…` subtypes are claude's own limits and faults; provider errors come as `success` with `is_error`.
  if (textAt(result, 'subtype') !== 'success') return { class: 'agent_error', message };
  const failureClass = classOfProviderError(status, providerError, textAt(result, 'stop_reason'));
  if (failureClass !== 'rate_limited' || resumeAt === null) return { class: failureClass, message };
  return { class: failureClass, message, resumeAt };
}

function classOfProviderError(status: number | null, error: string | null, stopReason: string | null): FailureClass {
  if (isAuthError(error) || AUTH_STATUSES.has(status ?? 0)) return 'auth';
  if (error === 'rate_limit' || status === 429) return 'rate_limited';
  if (stopReason === 'refusal') return 'agent_error';
  if ((error !== null && FINAL_ERRORS.has(error)) || FINAL_STATUSES.has(status ?? 0)) return 'agent_error';
  return 'transient'; // overloaded, 5xx, and no status at all: refused, cut or timed-out connections
}

const SUBTYPES: Readonly<Record<string, string>> = {
  error_max_turns: 'The limit of turns was reached.',
  error_max_budget_usd: 'The budget of the attempt was used up.',
};

function errorText(result: JsonObject): string {
  const subtype = textAt(result, 'subtype') ?? '';
  const errors = Array.isArray(result['errors']) ? result['errors'].filter((item) => typeof item === 'string') : [];
  const told = SUBTYPES[subtype] ?? textAt(result, 'result') ?? errors.join(' ');
  return (told === '' ? `claude ended with ${subtype || 'an error'}.` : told).slice(0, QUOTED_CHARS);
}

/** What a result line tells of tokens, cost and turns. */
export function usageOf(result: JsonObject | null): Usage {
  const tokens = objectAt(result, 'usage');
  const told = {
    inputTokens: numberAt(tokens, 'input_tokens'),
    outputTokens: numberAt(tokens, 'output_tokens'),
    cacheReadTokens: numberAt(tokens, 'cache_read_input_tokens'),
    cacheWriteTokens: numberAt(tokens, 'cache_creation_input_tokens'),
    costUsd: numberAt(result, 'total_cost_usd'),
    turns: numberAt(result, 'num_turns'),
  };
  const usage: Usage = {};
  for (const [key, value] of Object.entries(told)) if (value !== null) usage[key as keyof Usage] = value;
  return usage;
}
