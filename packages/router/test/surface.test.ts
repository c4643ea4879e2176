import { describe, expect, it } from '@jest/globals';
import * as router from '../src/index.js';

describe('the surface of the package', () => {
  it('exports these names and no others', () => {
    expect(Object.keys(router).sort()).toEqual([
      'RouterError',
      'choose',
      'describeChoice',
      'findReturn',
      'healthOf',
      'isAIId',
      'openSqliteRegistry',
      'parseAI',
      'placesOf',
      'statusOf',
      'trackRecord',
    ]);
  });

  it('knows these error codes', () => {
    const codes: Record<router.RouterErrorCode, true> = {
      AI_EXISTS: true,
      AI_NOT_FOUND: true,
      AMBIGUOUS_ID: true,
      INVALID_AI: true,
    };
    expect(Object.keys(codes)).toHaveLength(4);
  });

  it('knows these states of an AI', () => {
    const states: Record<router.AIStatus, true> = {
      online: true,
      busy: true,
      paused: true,
      offline: true,
      error: true,
    };
    expect(Object.keys(states)).toHaveLength(5);
  });

  it('knows these kinds of reasons against an AI', () => {
    const kinds: Record<router.Removal['kind'], true> = {
      pin: true,
      capability: true,
      unfit: true,
      status: true,
      pause: true,
      quota: true,
      breaker: true,
      concurrency: true,
    };
    expect(Object.keys(kinds)).toHaveLength(8);
  });
});
