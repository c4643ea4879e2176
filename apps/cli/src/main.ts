import { runCli } from './cli.js';
import { currentFolder } from './current-folder.js';

const controller = new AbortController();
// The first Ctrl-C stops cleanly; the second ends this process at once, and the supervisor ends what it left running.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort({ class: 'cancelled', message: 'Interrupted.' });
  });
}
// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  // Asked for when a command needs it, so that not having one is told as any other error.
  get cwd() {
    return currentFolder();
  },
  environment: process.env,
  isTerminal: process.stdout.isTTY === true,
  liveTerminal: process.stderr.isTTY === true && process.env['TERM'] !== 'dumb',
  columns: process.stdout.columns ?? 80,
  signal: controller.signal,
});
