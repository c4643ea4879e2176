import type { Failure } from './contract.js';

/** Why a run is being stopped by us: the first reason wins, whatever is asked for after it. */
export interface Stopping {
  /** Null while nobody has asked. */
  reason(): Failure | null;
  ask(failure: Failure): void;
  /** Stops listening to the signal. */
  close(): void;
}

/** Joins the caller's signal and our own reasons. `stop` is called once, when the first reason comes. */
export function createStopping(signal: AbortSignal, stop: (failure: Failure) => void): Stopping {
  let first: Failure | null = null;
  const ask = (failure: Failure): void => {
    if (first) return;
    first = failure;
    stop(failure);
  };
  const abort = (): void => ask(failureOf(signal.reason));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  return { reason: () => first, ask, close: () => signal.removeEventListener('abort', abort) };
}

/** The failure that a signal carries. A caller that aborts without one has cancelled. */
export function failureOf(reason: unknown): Failure {
  const isFailure = typeof reason === 'object' && reason !== null && 'class' in reason && 'message' in reason;
  return isFailure ? (reason as Failure) : { class: 'cancelled', message: 'The attempt was cancelled.' };
}
