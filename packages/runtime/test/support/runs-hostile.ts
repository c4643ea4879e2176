import type { FakeTurn, FaultRule } from '@signalbox/testkit';
import type { Task } from '../../src/project/index.js';
import { bash, write } from './runs-agents.js';
import type { Dice } from './runs-seed.js';

/** What the agent of one task does at its first attempt. */
const WAYS = [
  ...(['honest', 'lies', 'half', 'trespasses', 'edits its test', 'asks', 'stalls', 'dies', 'is cut off'] as const),
] as const;
export type Way = (typeof WAYS)[number];

// Those that take long, or make the breaker open, are rarer.
const MIX: readonly Way[] = WAYS.flatMap((way) =>
  ['stalls', 'dies', 'is cut off'].includes(way) ? [way] : [way, way, way],
);

export interface Hostile {
  name: string;
  way: Way;
  /** Whether it does the work at its second attempt. */
  mends: boolean;
}

/** Tasks enough for so many attempts: each way once before any a second time, as far as the number goes. */
export function planHostile(runs: number, dice: Dice): Hostile[] {
  const plans: Hostile[] = [];
  const first = dice.some(WAYS, WAYS.length);
  for (let planned = 0; planned < runs; planned += attemptsOf(plans.at(-1))) {
    plans.push({ name: `r${plans.length}`, way: first.pop() ?? dice.pick(MIX), mends: dice.chance(0.6) });
  }
  return plans;
}

const ONCE: ReadonlySet<Way> = new Set(['honest', 'trespasses', 'edits its test', 'asks']);
const attemptsOf = (plan: Hostile | undefined): number => (plan && ONCE.has(plan.way) ? 1 : 2);

/** How its task is to end. */
export function endOf({ way, mends }: Hostile): Task['status'] {
  if (way === 'honest' || way === 'trespasses') return 'done';
  if (way === 'edits its test' || way === 'asks') return 'blocked';
  return mends ? 'done' : 'failed';
}

export const fileOf = ({ name }: Hostile): string => `src/${name}/work.txt`;
export const wantedIn = ({ name }: Hostile): string => `good-${name}`;
export const checkOf = ({ name }: Hostile): string => `checks/${name}.sh`;

/** What its first attempt leaves in its file, beside its word; null: nothing. */
export function firstOf(plan: Hostile): string | null {
  if (plan.way === 'lies' || plan.way === 'is cut off') return null;
  return plan.way === 'honest' || plan.way === 'trespasses' ? wantedIn(plan) : `half-${plan.name}`;
}

/** The turns of the model for the first attempt and for those after it. `root` is the user's checkout. */
export function turnsOf(plan: Hostile, root: string): { first: FakeTurn[]; then: FakeTurn[] } {
  const work = (text: string): FakeTurn => write(fileOf(plan), `${text}\n`);
  const done: FakeTurn = { text: 'All done, and every test passes.' };
  const half = work(`half-${plan.name}`);
  const trespass = [
    write(`${root}/src/evil.txt`, 'evil\n'),
    write(`${root}/.ai/config.yaml`, 'evil\n'),
    write('.ai/policy.yaml', 'evil\n'),
    write(`${root}/.git/hooks/post-checkout`, 'evil\n'),
    write('src/elsewhere/evil.txt', 'evil\n'),
  ];
  const test = [
    { tool: { name: 'Read', input: { file_path: `{{cwd}}/${checkOf(plan)}` } } },
    write(checkOf(plan), 'exit 0\n'),
  ];
  const firsts: Record<Way, FakeTurn[]> = {
    honest: [work(wantedIn(plan))],
    lies: [],
    half: [half],
    trespasses: [...trespass, work(wantedIn(plan))],
    'edits its test': [half, ...test],
    asks: [half, bash('npm install left-pad')],
    stalls: [half],
    dies: [half],
    'is cut off': [],
  };
  // Its folder is a fresh one, so the file is not there.
  const then = plan.mends ? [work(wantedIn(plan)), done] : [done];
  return { first: [...firsts[plan.way], done], then };
}

/** What the provider does to those whose agents hang, wait to be killed, or get no end of an answer. */
export function faultsOf(plans: readonly Hostile[]): FaultRule[] {
  return plans.flatMap(({ name, way }): FaultRule[] => {
    const prompt = `# ${name}\\.`;
    if (way === 'stalls' || way === 'dies') return [{ prompt, turn: 1, fault: { kind: 'hang' } }];
    return way === 'is cut off' ? [{ prompt, turn: 0, fault: { kind: 'end_stream' } }] : [];
  });
}
