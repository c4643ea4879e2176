import { must, show } from './violation.js';

const EVENTS = ['unhandledRejection', 'uncaughtException'] as const;

/**
 * Does `body`, and throws a violation for errors that nobody catches meanwhile: they would end the process. A test runner that
 * listens itself reports them on its own.
 */
export async function withoutStrayErrors(body: () => Promise<void>): Promise<void> {
  const stray: unknown[] = [];
  const listen = (error: unknown): void => void stray.push(error);
  for (const event of EVENTS) process.on(event, listen);
  try {
    await body();
  } finally {
    for (const event of EVENTS) process.off(event, listen);
  }
  const hint = 'Await every promise or catch what it rejects with, and listen to the errors of every stream.';
  must(stray.length === 0, `An error went uncaught: ${show(stray[0])}.`, hint);
}
