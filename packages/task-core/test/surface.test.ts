import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as conformance from '../src/conformance/index.js';
import * as exchange from '../src/exchange/index.js';
import * as graph from '../src/graph/index.js';
import * as taskCore from '../src/index.js';

describe('the surface of the package', () => {
  it('exports these names and no others', () => {
    expect(Object.keys(taskCore).sort()).toEqual([
      'DEFAULT_HEARTBEAT_MS',
      'DEFAULT_MAX_ATTEMPTS',
      'DEFAULT_RETRY_POLICY',
      'DEFAULT_TTL_MS',
      'FAILURE_CLASSES',
      'MAX_LOCKS',
      'NEED_FAILURE_RULES',
      'PRIORITY_WORDS',
      'TASK_STATUSES',
      'TASK_TYPES',
      'TaskError',
      'eventsOf',
      'isTerminal',
      'openFileTaskStore',
      'openMemoryTaskStore',
      'openSqliteTaskStore',
      'planAfterFailure',
      'whyNot',
    ]);
  });

  it('exports these names under ./conformance', () => {
    expect(Object.keys(conformance)).toEqual(['describeTaskStore']);
  });

  it('exports these names under ./graph and ./exchange', () => {
    expect(Object.keys(graph).sort()).toEqual(['drawGraph', 'readAll', 'readGraph']);
    expect(Object.keys(exchange).sort()).toEqual(['EXCHANGE_VERSION', 'readTasks', 'taskJsonSchema', 'writeTasks']);
  });

  it('can be entered through these paths', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(Object.keys(manifest.exports)).toEqual([
      '.',
      './spec',
      './graph',
      './exchange',
      './conformance',
      './package.json',
    ]);
  });

  it('knows these error codes', () => {
    const codes: Record<taskCore.TaskErrorCode, true> = {
      INVALID_TASK: true,
      UNKNOWN_NEED: true,
      DEPENDENCY_CYCLE: true,
      IDEMPOTENCY_MISMATCH: true,
      NOT_FOUND: true,
      AMBIGUOUS_ID: true,
      INVALID_TTL: true,
      INVALID_CURSOR: true,
      NOT_REQUEUABLE: true,
      ID_TAKEN: true,
      WRONG_STATE: true,
      STORE_LOCKED: true,
      STORE_DAMAGED: true,
      STORE_NEWER: true,
      STORE_FAILED: true,
      STORE_CLOSED: true,
      EXPORT_NEWER: true,
    };
    expect(Object.keys(codes)).toHaveLength(17);
  });

  it('knows these words', () => {
    expect(taskCore.TASK_STATUSES).toEqual(['queued', 'claimed', 'running', 'blocked', 'done', 'failed', 'cancelled']);
    expect(taskCore.TASK_STATUSES.filter(taskCore.isTerminal)).toEqual(['done', 'failed', 'cancelled']);
    expect(taskCore.TASK_TYPES).toEqual([
      'feature',
      'bugfix',
      'refactor',
      'test',
      'docs',
      'review',
      'research',
      'chore',
      'command',
    ]);
    expect(taskCore.PRIORITY_WORDS).toEqual({ low: -10, normal: 0, high: 10, urgent: 20 });
  });

  it('has these defaults', () => {
    expect(taskCore.DEFAULT_MAX_ATTEMPTS).toBe(3);
    expect(taskCore.DEFAULT_TTL_MS).toBe(1_800_000);
    expect(taskCore.DEFAULT_HEARTBEAT_MS).toBe(30_000);
  });
});
