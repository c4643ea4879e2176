import { systemClock } from '@signalbox/kernel';
import { builtinConnectors, INTEGRATION_BRANCH } from '@signalbox/runtime';
import type { Block, Evidence } from '@signalbox/runtime/project';
import { EXIT } from '../exit-codes.js';
import type { CommonOptions, Io } from '../io.js';
import type { RunCli } from '../program.js';
import { createTasks, type DemoTasks } from './demo-tasks.js';
import { FIXER, PROJECT_FILES, WRITER } from './project-files.js';
import { createStage, type Stage } from './stage.js';

/** The whole story in a scratch repository: real commands, real programs that edit, real git. */
export async function demo(io: Io, options: CommonOptions & { keep?: boolean }, runCli: RunCli): Promise<number> {
  const started = systemClock.monotonic();
  const stage = createStage(io, runCli);
  try {
    await setTheStage(stage);
    stage.scene('Six tasks: priorities, needs, locks, checks');
    const tasks = await createTasks(stage);
    await refuse(stage, tasks.push);
    await work(stage);
    await prove(stage, tasks);
    stage.scene('Your turn');
    stage.say(await nextSteps(io));
    const seconds = ((systemClock.monotonic() - started) / 1000).toFixed(1);
    const where = options.keep ? `Everything is in ${stage.repository}.` : 'The scratch folder is removed.';
    stage.say(`\n${stage.paint.dim(`${seconds} s. ${where}`)}`);
    return EXIT.done;
  } finally {
    if (!options.keep) stage.remove();
  }
}

async function setTheStage(stage: Stage): Promise<void> {
  stage.scene('A repository whose tests fail, and three AIs');
  for (const [path, text] of Object.entries(PROJECT_FILES)) stage.write(`till/${path}`, text);
  stage.write('agents/fixer.mjs', FIXER);
  stage.write('agents/writer.mjs', WRITER);
  await stage.git.run(['init', '--quiet', '--initial-branch=main']);
  await stage.git.run(['config', 'user.name', 'Demo']);
  await stage.git.run(['config', 'user.email', 'demo@example.invalid']);
  await stage.git.run(['add', '--all']);
  await stage.git.run(['commit', '--quiet', '--message', 'A till that cannot add']);
  await stage.run('init');
  const program = (name: string) => `argv=${JSON.stringify([process.execPath, `${stage.folder}/agents/${name}.mjs`])}`;
  await stage.run(
    'ai',
    'register',
    'fixer',
    '--connector',
    'command',
    '--capability',
    'code',
    // so that locks, not a busy AI, decide what may run together
    '--max-concurrent',
    '2',
    '--config',
    program('fixer'),
  );
  await stage.run(
    'ai',
    'register',
    'writer',
    '--connector',
    'command',
    '--capability',
    'prose',
    '--config',
    program('writer'),
  );
  await stage.run('ai', 'register', 'shell', '--connector', 'command');
}

async function refuse(stage: Stage, push: string): Promise<void> {
  stage.scene('A command that policy refuses, with the record of the decision');
  await stage.run('task', 'execute', push);
  stage.say('');
  await stage.run('audit', 'log', '--task', push, '--kind', 'policy.');
  stage.say('');
  await stage.run('policy', 'explain', 'shell.run', '--command', 'git push --force origin main', '--ai', 'shell');
}

async function work(stage: Stage): Promise<void> {
  stage.scene('Two at a time, until nothing is ready');
  stage.say(
    'src/total.js and src/** overlap, so those two never run together; the first attempt at total fails its check.\n',
  );
  await stage.run('task', 'execute', '--all', '--concurrency', '2');
  stage.say('\nWho had to wait for whom:\n');
  const { entries } = await stage.look<{ entries: BlockedEntry[] }>('audit', 'log', '--kind', 'task.blocked');
  const said = new Set<string>();
  for (const { seq, subject, data } of entries) {
    for (const block of data.blockedBy) {
      if (block.kind !== 'lock' || said.has(`${subject} ${block.task}`)) continue;
      said.add(`${subject} ${block.task}`);
      stage.say(`  ledger entry ${seq}: ${subject.slice(5)} waits, ${block.task} holds ${block.glob}`);
    }
  }
}

interface BlockedEntry {
  seq: number;
  subject: string;
  data: { blockedBy: Block[] };
}

async function prove(stage: Stage, tasks: DemoTasks): Promise<void> {
  stage.scene('The proof');
  stage.say(`$ git log --oneline --graph ${INTEGRATION_BRANCH}`);
  stage.say(
    `${await stage.git.run(['log', '--oneline', '--graph', '--format=%h %<(44,trunc)%s %an', INTEGRATION_BRANCH])}\n`,
  );
  await stage.run('evidence', 'show', tasks.total);
  const { evidence } = await stage.look<{ evidence: Evidence[] }>('evidence', 'show', tasks.total);
  const last = (kind: string) => evidence.filter((item) => item.kind === kind).at(-1)?.id ?? '';
  stage.say('');
  await stage.run('evidence', 'show', tasks.total, '--content', last('diff'));
  stage.say('');
  await stage.run('evidence', 'show', tasks.total, '--content', last('command'));
  stage.say('');
  await stage.run('audit', 'verify');
  stage.say('');
  await stage.run('status');
}

/** How to go on with a real agent, if one is here. */
async function nextSteps(io: Io): Promise<string> {
  const claude = builtinConnectors.find((connector) => connector.id === 'claude-code');
  const environment = Object.fromEntries(
    Object.entries(io.environment).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  const report = await claude?.probe({ config: {}, environment, clock: systemClock });
  const steps = [
    '  cd your-repository',
    '  signalbox init',
    '  signalbox ai register claude --connector claude-code',
    "  signalbox task create 'What is to be done' --check 'npm test'",
    '  signalbox task execute --next',
    '  signalbox land',
  ].join('\n');
  if (!report?.installed) return `In a repository of your own, with Claude Code installed:\n\n${steps}`;
  if (report.login === 'ready')
    return `Claude Code ${report.version} is here and can log in. In a repository of your own:\n\n${steps}`;
  const hint =
    report.problems[0]?.hint ?? 'Set ANTHROPIC_API_KEY, or CLAUDE_CODE_OAUTH_TOKEN from `claude setup-token`.';
  return `Claude Code ${report.version} is here but cannot log in: ${hint}\nThen, in a repository of your own:\n\n${steps}`;
}
