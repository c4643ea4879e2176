import type { Clock, JsonObject } from '@signalbox/kernel';
import { objectAt, textAt } from '../claude-code/json-access.js';
import type { AgentEvent } from '../contract.js';
import { type LineReader, readByType } from '../read-by-type.js';
import { type Findings, noFindings } from './findings.js';
import { failureOfMessage } from './provider-error.js';
import { createItemReading } from './reading-items.js';

export interface Reading {
  readonly findings: Findings;
  /** The events of one line; none for lines that are not known, which is normal from version to version. */
  read(line: JsonObject): AgentEvent[];
}

const RETRY = /^Reconnecting\.* *\d+\/\d+ *\(?(.*?)\)?$/s;

/** Reads the lines of `codex exec --json`. */
export function createReading(clock: Clock): Reading {
  const findings = noFindings();
  const items = createItemReading(findings);
  const fail = (message: string | null): AgentEvent[] => {
    findings.failure = failureOfMessage(message ?? 'codex reported an error without a message.', clock.now());
    return [];
  };
  const readers: Readonly<Record<string, LineReader>> = {
    'thread.started': (line) => readStart(line, findings),
    'turn.started'() {
      findings.turn = 'running';
      return [];
    },
    'turn.completed'(line) {
      Object.assign(findings, { turn: 'completed', usage: objectAt(line, 'usage'), failure: null, retrying: null });
      return [];
    },
    'turn.failed'(line) {
      findings.turn = 'failed';
      return fail(textAt(objectAt(line, 'error'), 'message'));
    },
    error(line) {
      const message = textAt(line, 'message');
      const reason = RETRY.exec(message ?? '')?.[1];
      if (reason === undefined) return fail(message);
      findings.retrying = failureOfMessage(reason, clock.now());
      return [{ type: 'waiting', reason: `Retrying the provider: ${reason}` }];
    },
    'item.started': items.started,
    'item.completed': items.completed,
  };
  return {
    findings,
    read: readByType(readers),
  };
}

function readStart(line: JsonObject, findings: Findings): AgentEvent[] {
  if (findings.session !== null) return [];
  findings.session = textAt(line, 'thread_id') ?? '';
  return [{ type: 'started', ...(findings.session === '' ? {} : { session: findings.session }) }];
}
