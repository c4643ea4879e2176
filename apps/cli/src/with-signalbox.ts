import { conflictWarning, createSignalbox, type Signalbox } from '@signalbox/runtime';
import { findProject } from './context.js';
import type { CommonOptions, Io } from './io.js';
import { ownProgram } from './own-program.js';
import { safeText } from './terminal/safe-text.js';

/** For commands that change something: opens the whole system, and closes it whatever happens. */
export async function withSignalbox<T>(
  io: Io,
  options: CommonOptions,
  work: (box: Signalbox) => Promise<T>,
): Promise<T> {
  const box = await createSignalbox({
    root: findProject(io, options).root,
    environment: io.environment,
    cli: ownProgram(),
  });
  try {
    const warning = conflictWarning(box.store, io.environment['PATH'] ?? '');
    if (warning !== null) io.stderr.write(`${safeText(warning)}\n`);
    return await work(box);
  } finally {
    await box.close();
  }
}
