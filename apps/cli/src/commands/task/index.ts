import type { Command } from 'commander';
import type { Io } from '../../io.js';
import { collect } from '../../parse.js';
import type { SetExit } from '../../program.js';
import { command, noun } from '../command.js';

export function addTaskCommands(program: Command, io: Io, setExit: SetExit): void {
  const task = noun(program, 'task', 'create, look at, claim and execute tasks');
  addCreate(task, io);
  addViews(task, io);
  addChanges(task, io);
  addHolderVerbs(task, io, setExit);
  addExchange(task, io);
  addExecute(task, io, setExit);
}

function addCreate(task: Command, io: Io): void {
  command(
    task,
    'create <title>',
    'add a task',
    "signalbox task create 'Fix the login' --type bugfix --check 'npm test'",
  )
    .option('--description <text>', 'the prompt')
    .option('--file <file>', 'read the prompt from a file; - for standard input')
    .option('--type <type>', 'feature, bugfix, refactor, test, docs, review, research, chore or command')
    .option('--priority <n>', 'a number, higher first, or low, normal, high, urgent')
    .option('--need <id>', 'a task that must be done first (repeatable)', collect)
    .option('--on-need-failure <rule>', 'if one of them fails or is cancelled: block (default), fail or ignore')
    .option('--lock <glob>', 'paths that this task alone may change (repeatable)', collect)
    .option('--lock-shared <glob>', 'paths that must not change meanwhile (repeatable)', collect)
    .option('--label <k=v>', 'a label (repeatable)', collect)
    .option('--capability <name>', 'what the AI must be capable of (repeatable)', collect)
    .option('--ai <id>', 'the one AI that may do it')
    .option('--check <command>', 'must exit with 0 for the task to be done (repeatable)', collect)
    .option('--run <command>', 'for type command: what to run')
    .option('--max-attempts <n>', 'how often to try (default 3)')
    .option('--timeout <duration>', 'the longest that one attempt may take, such as 30m')
    .option('--budget-usd <n>', 'what all its attempts may cost, in US dollars')
    .option('--budget-tokens <n>', 'what all its attempts may use')
    .option('--not-before <time>', 'ISO 8601, or a duration from now')
    .option('--idempotency-key <key>', 'creating it again with the same key changes nothing')
    .action(async (title, options) => (await import('./create.js')).create(io, title, options));
}

function addViews(task: Command, io: Io): void {
  command(task, 'list', 'list tasks', 'signalbox task list --status queued --limit 20')
    .option('--status <status>', 'only these (repeatable)', collect)
    .option('--label <k=v>', 'only with this label (repeatable)', collect)
    .option('--ai <id>', 'only those pinned to this AI')
    .option('--ready', 'only what could be claimed now')
    .option('--blocked', 'only what waits')
    .option('--limit <n>', 'at most this many (default 50)')
    .option('--sort <order>', 'priority, created or updated (default priority)')
    .option('--cursor <cursor>', 'go on where the page before ended')
    .action(async (options) => (await import('./list.js')).list(io, options));

  command(task, 'show <id>', 'show a task, its attempts and its evidence', 'signalbox task show tsk_0f3').action(
    async (id, options) => (await import('./show.js')).show(io, id, options),
  );

  command(task, 'why <id>', 'say what exactly keeps a task from running', 'signalbox task why tsk_0f3').action(
    async (id, options) => (await import('./look.js')).why(io, id, options),
  );

  command(task, 'log <id>', 'print what the ledger says of a task', 'signalbox task log tsk_0f3')
    .option('--limit <n>', 'only the last ones (default 100; 0 for all)')
    .action(async (id, options) => (await import('../audit/log.js')).log(io, { ...options, task: id }));

  command(task, 'diff <id>', 'print the change of its last attempt as a patch', 'signalbox task diff tsk_0f3').action(
    async (id, options) => (await import('./look.js')).diff(io, id, options),
  );

  command(
    task,
    'patch <id>',
    'print its work as a patch for git am, with its message',
    'signalbox task patch tsk_0f3 | git am',
  ).action(async (id, options) => (await import('./look.js')).patch(io, id, options));

  command(task, 'evidence <id>', 'list the evidence of a task', 'signalbox task evidence tsk_0f3').action(
    async (id, options) => (await import('../evidence/show.js')).show(io, id, options),
  );

  command(task, 'watch [id]', 'follow what happens to a task, or to all', 'signalbox task watch --json').action(
    async (id, options) => (await import('./watch.js')).watch(io, id, options),
  );
}

function addChanges(task: Command, io: Io): void {
  command(task, 'update <id>', 'change a task', 'signalbox task update tsk_0f3 --priority high --label area=api')
    .option('--title <text>', 'another title')
    .option('--description <text>', 'another prompt')
    .option('--file <file>', 'read the prompt from a file; - for standard input')
    .option('--priority <n>', 'a number, higher first, or low, normal, high, urgent')
    .option('--need <id>', 'one more task that must be done first (repeatable)', collect)
    .option('--remove-need <id>', 'a task that it needs no longer (repeatable)', collect)
    .option('--on-need-failure <rule>', 'if a need fails or is cancelled: block, fail or ignore')
    .option('--lock <glob>', 'more paths that this task alone may change (repeatable)', collect)
    .option('--lock-shared <glob>', 'more paths that must not change meanwhile (repeatable)', collect)
    .option('--remove-locks', 'drop the locks that it has')
    .option('--label <k=v>', 'add or change a label (repeatable)', collect)
    .option('--remove-label <key>', 'take a label away (repeatable)', collect)
    .option('--capability <name>', 'one more that the AI must have (repeatable)', collect)
    .option('--ai <id>', 'the one AI that may do it; any for all')
    .option('--check <command>', 'one more check (repeatable)', collect)
    .option('--remove-checks', 'drop the checks that it has')
    .option('--max-attempts <n>', 'how often to try')
    .option('--timeout <duration>', 'the longest that one attempt may take, such as 30m')
    .option('--budget-usd <n>', 'what all its attempts may cost, in US dollars')
    .option('--budget-tokens <n>', 'what all its attempts may use')
    .option('--not-before <time>', 'ISO 8601, or a duration from now')
    .action(async (id, options) => (await import('./change.js')).update(io, id, options));

  command(task, 'cancel <id>', 'cancel a task; one that runs is told to stop', 'signalbox task cancel tsk_0f3')
    .option('--reason <text>', 'why, for the ledger')
    .option('--force', 'do not wait for the holder of a running task: break its lease')
    .action(async (id, options) => (await import('./change.js')).cancel(io, id, options));

  command(
    task,
    'revert <id>',
    'take its change back from the integration branch',
    'signalbox task revert tsk_0f3',
  ).action(async (id, options) => (await import('./change.js')).revert(io, id, options));

  command(task, 'retry <id>', 'start a failed task afresh', 'signalbox task retry tsk_0f3').action(
    async (id, options) => (await import('./change.js')).retry(io, id, options),
  );
}

function addExchange(task: Command, io: Io): void {
  command(task, 'import <file>', 'add the tasks of a document, all or none', 'signalbox task import plan.yaml')
    .option('--format <format>', 'json, yaml or md (default: by the name of the file)')
    .action(async (file, options) => (await import('./exchange.js')).importFile(io, file, options));

  command(task, 'export', 'write all tasks to standard output', 'signalbox task export --format md > tasks.md')
    .option('--format <format>', 'json (default), yaml or md')
    .action(async (options) => (await import('./exchange.js')).exportTasks(io, options));

  command(task, 'graph [id]', 'draw which task needs which', 'signalbox task graph --format mermaid')
    .option('--format <format>', 'text (default), mermaid or dot')
    .action(async (id, options) => (await import('./exchange.js')).graph(io, id, options));
}

function addHolderVerbs(task: Command, io: Io, setExit: SetExit): void {
  const lease = (made: Command) => made.option('--lease <lease>', 'the lease that claim returned (or SIGNALBOX_LEASE)');

  command(task, 'claim [id]', 'take a task under a lease', 'signalbox task claim --as ana --ttl 30m')
    .requiredOption('--as <holder>', 'who takes it')
    .option('--ttl <duration>', 'how long the lease lasts without a heartbeat (default 30m)')
    .option('--wait', 'wait until there is one')
    .action(async (id, options) => (await import('./claim.js')).claim(io, id, options));

  lease(
    command(task, 'start <id>', 'say that work on a claimed task begins', 'signalbox task start tsk_0f3 --lease lse_…'),
  ).action(async (id, options) => (await import('./hold.js')).start(io, id, options));
  lease(command(task, 'heartbeat <id>', 'renew a lease', 'signalbox task heartbeat tsk_0f3 --lease lse_…')).action(
    async (id, options) => (await import('./hold.js')).heartbeat(io, id, options),
  );
  lease(command(task, 'release <id>', 'give a task back', 'signalbox task release tsk_0f3 --lease lse_…')).action(
    async (id, options) => (await import('./hold.js')).release(io, id, options),
  );
  const lock = noun(task, 'lock', 'the paths that a held task may change');
  lease(
    command(
      lock,
      'add <id> <glob>',
      'take one more path lock for a held task',
      "signalbox task lock add tsk_0f3 'src/api/**' --lease lse_…",
    ),
  )
    .option('--shared', 'only keep others from changing these paths')
    .option('--wait <duration>', 'for an agent at work, which needs no lease: wait so long for who holds it')
    .action(async (id, glob, options) => (await import('./hold.js')).addLock(io, id, glob, options));
  lease(
    command(
      task,
      'complete <id>',
      'run the checks here and complete the task',
      'signalbox task complete tsk_0f3 --lease lse_…',
    ),
  )
    .option('--no-verify', 'do not run the checks; recorded as claimed')
    .action(async (id, options) => setExit(await (await import('./hold.js')).complete(io, id, options)));
  lease(command(task, 'fail <id>', 'say that the attempt failed', "signalbox task fail tsk_0f3 --reason 'no idea'"))
    .option('--reason <text>', 'why')
    .option('--class <class>', 'what kind of failure (default agent_error)')
    .action(async (id, options) => (await import('./hold.js')).fail(io, id, options));

  command(
    task,
    'requeue <id>',
    'break a lease, clear a wait for a person, or start a failed task afresh',
    'signalbox task requeue tsk_0f3',
  ).action(async (id, options) => (await import('./hold.js')).requeue(io, id, options));
}

function addExecute(task: Command, io: Io, setExit: SetExit): void {
  command(
    task,
    'accept <id>',
    'say yes to work that waits for a person to look at it, and land it as it is',
    'signalbox task accept tsk_0f3',
  ).action(async (id, options) => setExit(await (await import('./execute.js')).accept(io, id, options)));

  command(task, 'execute [id]', 'let an AI do one attempt, judge it and land it', 'signalbox task execute --next')
    .option('--next', 'the first ready task (the default without an id)')
    .option('--all', 'work through everything ready, retries included (with --json: a document a line, and a summary)')
    .option('--concurrency <n>', 'with --all: how many at once (default 1)')
    .option('--ai <id>', 'only this AI')
    .option('--workspace <kind>', 'worktree or in-place (default: a worktree in git)')
    .option('--budget-usd <n>', 'what each attempt may cost, in US dollars')
    .option('--verbose', 'show what programs print as well')
    .option('--dry-run', 'say which AI would get which task, and do nothing')
    .action(async (id, options) => setExit(await (await import('./execute.js')).execute(io, id, options)));
}
