import { type Choice, findReturn, type Ranked } from '@signalbox/router';
import type { Task } from '@signalbox/task-core';
import { RuntimeError } from '../errors.js';

/** Ids that are named of those that one reason keeps away. */
const MOST_NAMED = 6;

/** What is known of a search that found nobody. */
export interface Search {
  choice: Choice;
  /** The one AI that may do it, or null. */
  pin: string | null;
  /** None is free now, but one will be. */
  busy: boolean;
  /** Those that a budget keeps away. */
  overBudget: ReadonlySet<string>;
}

type Removed = Ranked & { reasons: readonly unknown[] };

/** `NO_CANDIDATE`, with what keeps each AI away that could have been meant, each reason once, and what can be done about that. */
export function noCandidate(task: Task, search: Search): RuntimeError {
  const { choice, pin, busy } = search;
  const removed = choice.ranking.filter((ranked): ranked is Removed & { removed: string } => ranked.removed !== null);
  const relevant = pin === null ? removed : removed.filter(({ ai }) => ai === pin);
  return new RuntimeError({
    code: 'NO_CANDIDATE',
    message: `No AI can take ${task.id}: ${whyNobody(relevant, pin).replace(/\.$/, '')}.`,
    hint: hintFor(task.id, relevant, search),
    details: {
      task: task.id,
      ranking: removed.map((each) => `${each.ai}: ${each.removed}`),
      busy,
      ...returnOf(choice),
    },
  });
}

function whyNobody(relevant: readonly { ai: string; removed: string }[], pin: string | null): string {
  if (relevant.length === 0) {
    return pin === null ? 'none is registered' : `it is pinned to "${pin}", and no AI of that id is registered`;
  }
  const shared = new Map<string, string[]>();
  for (const { ai, removed } of relevant) shared.set(removed, [...(shared.get(removed) ?? []), ai]);
  const groups = [...shared].sort(([, a], [, b]) => b.length - a.length);
  return groups.map(([reason, ais]) => `${listed(ais)}: ${reason}`).join('; ');
}

function listed(ais: readonly string[]): string {
  if (ais.length <= MOST_NAMED) return ais.join(', ');
  return `${ais.slice(0, MOST_NAMED - 1).join(', ')} and ${ais.length - MOST_NAMED + 1} others`;
}

function hintFor(task: string, relevant: readonly Ranked[], { pin, overBudget }: Search): string {
  if (relevant.length === 0) {
    if (pin === null) return 'Register one with `signalbox ai register`.';
    return `Register it with \`signalbox ai register ${pin}\`, or let any take it: \`signalbox task update ${task} --ai any\`.`;
  }
  const hints = new Set(relevant.map((ranked) => hintOf(ranked, overBudget, relevant.length === 1)));
  const [only] = hints;
  if (hints.size === 1 && only !== undefined) return only;
  return `Run \`signalbox route explain ${task}\` to see all that speaks against each.`;
}

const LOOK = 'Run `signalbox ai list` and `signalbox doctor` to see what each can do.';

/** By what has to be mended first. */
function hintOf(ranked: Ranked, overBudget: ReadonlySet<string>, isAlone: boolean): string {
  const id = isAlone ? ranked.ai : '<id>';
  switch (ranked.removed === null ? undefined : ranked.reasons[0]?.kind) {
    case 'capability':
      return `If it can do that, say so with \`signalbox ai update ${id} --capability <name>\`.`;
    case 'unfit':
      return overBudget.has(ranked.ai)
        ? 'Change it under `budgets:` in .ai/config.yaml and run `signalbox trust`; that of a task alone with `signalbox task update`.'
        : LOOK;
    case 'pause':
      return `Give it work again with \`signalbox ai resume ${id}\`.`;
    case 'quota':
    case 'breaker':
      return `Wait until then, or give it work again with \`signalbox ai resume ${id}\`.`;
    case 'concurrency':
      return `Try again when it has finished one, or let it run more with \`signalbox ai update ${id} --max-concurrent <n>\`.`;
    default:
      return LOOK;
  }
}

/** When an AI is back that only time keeps away. */
function returnOf(choice: Choice): { returns?: number } {
  const returns = findReturn(choice);
  return returns === null ? {} : { returns };
}

/** Others keep taking the place that an AI has free before this task can. */
export function allBusy(task: Task, reason: string): RuntimeError {
  return new RuntimeError({
    code: 'NO_CANDIDATE',
    message: `No AI can take ${task.id}: ${reason}.`,
    hint: 'Try again when it has finished one.',
    details: { task: task.id, ranking: [], busy: true },
  });
}
