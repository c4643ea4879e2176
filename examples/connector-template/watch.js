/**
 * Why a run is stopped: an abort, a limit, or a reason of our own. The first counts, and `stop` is called once with it.
 *
 * @param {import('@signalbox/connectors').RunRequest} request
 * @param {import('@signalbox/connectors').RunIo} io
 * @param {(failure: import('@signalbox/connectors').Failure) => void} stop
 */
export function watch({ limits }, { signal, clock }, stop) {
  let reason = null;
  let pauses = 0;
  const ask = (failure) => {
    if (reason) return;
    reason = failure;
    stop(failure);
  };
  const timer = (ms, failure) => clock.after(ms, () => ask(failure));
  const idle = () =>
    timer(limits.idleMs, { class: 'stalled', message: `The agent was silent for ${limits.idleMs / 1000} s.` });
  const abort = () => ask(failureOf(signal.reason));

  const cancelWall = timer(limits.wallMs, { class: 'timeout', message: 'The time limit was reached.' });
  const cancelStart = timer(limits.startMs, { class: 'stalled', message: 'The agent did not come up in time.' });
  let cancelIdle = idle();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();

  const restart = () => {
    cancelIdle();
    if (pauses === 0 && !reason) cancelIdle = idle();
  };
  return {
    ask,
    reason: () => reason,
    started: cancelStart,
    /** A sign of life. */
    sign: restart,
    /** While a person thinks, silence is no stall. */
    pause() {
      pauses++;
      cancelIdle();
    },
    resume() {
      pauses--;
      restart();
    },
    close() {
      for (const cancel of [cancelWall, cancelStart, cancelIdle]) cancel();
      signal.removeEventListener('abort', abort);
    },
  };
}

/** The failure that an abort carries; without one it is a cancel. */
function failureOf(reason) {
  const isFailure = typeof reason?.class === 'string' && typeof reason.message === 'string';
  return isFailure ? reason : { class: 'cancelled', message: 'The attempt was cancelled.' };
}
