import type { Clock, JsonObject } from '@signalbox/kernel';
import type { AgentEvent } from '../contract.js';
import { type LineReader, readByType } from '../read-by-type.js';
import { numberAt, objectAt, objectsAt, textAt } from './json-access.js';
import { createRunningUsage } from './running-usage.js';

/** What the lines so far have told, for the judgement at the end. */
export interface Findings {
  started: boolean;
  session: string | null;
  /** The last result line. */
  result: JsonObject | null;
  /** The last `error` of an assistant line or a retry: claude's own word for what went wrong with its provider. */
  providerError: string | null;
  /** When a rejected rate limit ends, in milliseconds since the epoch. */
  resumeAt: number | null;
  lastText: string;
}

export interface Reading {
  readonly findings: Findings;
  /** The events of one line; none for lines that are not known, which is normal from version to version. */
  read(line: JsonObject): AgentEvent[];
}

/** Reads claude's lines. Keeps no more than the findings and the names of the tools in use. */
export function createReading(clock: Clock): Reading {
  const findings: Findings = {
    started: false,
    session: null,
    result: null,
    providerError: null,
    resumeAt: null,
    lastText: '',
  };
  const toolNames = new Map<string, string>();
  const usage = createRunningUsage();
  const readers: Readonly<Record<string, LineReader>> = {
    system: (line) => readSystem(line, findings, clock),
    assistant: (line) => [...readAssistant(line, findings, toolNames), ...usage.read(line)],
    user: (line) => readToolResults(line, toolNames),
    rate_limit_event: (line) => readRateLimit(line, findings),
    result(line) {
      findings.result = line;
      return [];
    },
  };
  return {
    findings,
    read: readByType(readers),
  };
}

function readSystem(line: JsonObject, findings: Findings, clock: Clock): AgentEvent[] {
  const subtype = textAt(line, 'subtype');
  if (subtype === 'api_retry') {
    findings.providerError = textAt(line, 'error');
    const status = numberAt(line, 'error_status');
    const reason = `Retrying the provider: ${findings.providerError ?? 'no answer'}${status === null ? '' : ` (${status})`}`;
    return [{ type: 'waiting', reason, untilMs: clock.now() + (numberAt(line, 'retry_delay_ms') ?? 0) }];
  }
  if (subtype !== 'init' || findings.started) return [];
  findings.started = true;
  findings.session = textAt(line, 'session_id');
  const model = textAt(line, 'model');
  const version = textAt(line, 'claude_code_version');
  return [
    {
      type: 'started',
      ...(findings.session === null ? {} : { session: findings.session }),
      ...(model === null ? {} : { model }),
      ...(version === null ? {} : { version }),
    },
  ];
}

function readAssistant(line: JsonObject, findings: Findings, toolNames: Map<string, string>): AgentEvent[] {
  // An answer without an error means that the provider is well again.
  findings.providerError = textAt(line, 'error');
  const events: AgentEvent[] = [];
  for (const block of objectsAt(objectAt(line, 'message'), 'content')) {
    const text = textAt(block, 'text');
    if (block['type'] === 'text' && text !== null) {
      findings.lastText = text;
      events.push({ type: 'text', text });
    }
    const id = textAt(block, 'id');
    const name = textAt(block, 'name');
    if (block['type'] === 'tool_use' && id !== null && name !== null) {
      toolNames.set(id, name);
      events.push({ type: 'tool', id, name, phase: 'call', input: objectAt(block, 'input') ?? {} });
    }
  }
  return events;
}

function readToolResults(line: JsonObject, toolNames: Map<string, string>): AgentEvent[] {
  const events: AgentEvent[] = [];
  for (const block of objectsAt(objectAt(line, 'message'), 'content')) {
    const id = textAt(block, 'tool_use_id');
    if (block['type'] !== 'tool_result' || id === null) continue;
    const name = toolNames.get(id) ?? '';
    toolNames.delete(id);
    events.push({ type: 'tool', id, name, phase: 'result', error: block['is_error'] === true });
  }
  return events;
}

function readRateLimit(line: JsonObject, findings: Findings): AgentEvent[] {
  const info = objectAt(line, 'rate_limit_info');
  if (textAt(info, 'status') !== 'rejected') return [];
  const resetsAt = numberAt(info, 'resetsAt');
  if (resetsAt !== null) findings.resumeAt = resetsAt * 1000;
  const reason = `The rate limit ${textAt(info, 'rateLimitType') ?? ''} is used up`.replace('  ', ' ');
  return [{ type: 'waiting', reason, ...(resetsAt === null ? {} : { untilMs: resetsAt * 1000 }) }];
}
