import { describe, expect, it } from '@jest/globals';
import { isSignalboxError, KernelError, messageOf, SignalboxError } from '../src/index.js';

class DemoError extends SignalboxError<'ODD' | 'EVEN'> {}

describe('SignalboxError', () => {
  it('carries code, message, hint, details and cause, under the name of its class', () => {
    const cause = new Error('below');
    const error = new DemoError({ code: 'ODD', message: 'It is odd.', hint: 'Add one.', details: { n: 3 }, cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'DemoError',
      code: 'ODD',
      message: 'It is odd.',
      hint: 'Add one.',
      details: { n: 3 },
    });
    expect(error.cause).toBe(cause);
  });

  it('has no hint, details or cause unless they are given', () => {
    const error = new DemoError({ code: 'EVEN', message: 'It is even.' });
    expect([error.hint, error.details]).toEqual([undefined, undefined]);
    expect('cause' in error).toBe(false);
  });
});

describe('isSignalboxError', () => {
  it('knows errors of every package', () => {
    expect(isSignalboxError(new DemoError({ code: 'ODD', message: 'm' }))).toBe(true);
    expect(isSignalboxError(new KernelError({ code: 'NOT_JSON', message: 'm' }))).toBe(true);
  });

  it('knows an error of another copy of this library by its mark', () => {
    const foreign = Object.assign(new Error('m'), { code: 'X' });
    Object.defineProperty(foreign, Symbol.for('signalbox.error'), { value: true });
    expect(isSignalboxError(foreign)).toBe(true);
  });

  it('takes nothing else for one', () => {
    const alike = { code: 'ODD', message: 'm', [Symbol.for('signalbox.error')]: true };
    for (const other of [new Error('m'), alike, undefined, 'm']) expect(isSignalboxError(other)).toBe(false);
  });
});

describe('messageOf', () => {
  it('is the message of an error, or the text of anything else', () => {
    expect([messageOf(new Error('m')), messageOf('text'), messageOf(undefined)]).toEqual(['m', 'text', 'undefined']);
  });
});
