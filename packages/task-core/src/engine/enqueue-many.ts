import { TaskError } from '../errors.js';
import type { CreateOutcome, TaskDraft } from '../store.js';
import { enqueueTask } from './enqueue.js';
import { cycleError } from './needs.js';
import type { Tables } from './tables.js';

export function enqueueMany(
  tables: Tables,
  drafts: readonly TaskDraft[],
  at: { newId: () => string; now: number; createdBy: string },
): CreateOutcome[] {
  const named = drafts.map((draft) => ({ ...draft, id: draft.id ?? at.newId() }));
  const ids = new Set<string>();
  for (const { id } of named) {
    if (!/^tsk_[0-9a-z]{1,60}$/.test(id) || ids.has(id) || tables.findTask(id)) throw taken(id);
    ids.add(id);
  }
  const outcomes = new Map<string, CreateOutcome>();
  for (const { id, spec, ended } of inOrder(named)) {
    outcomes.set(id, enqueueTask(tables, spec, { id, now: at.now, createdBy: at.createdBy, ended }));
  }
  return named.map(({ id }) => outcomes.get(id) as CreateOutcome);
}

type Named = TaskDraft & { id: string };

/** Needs before dependents, and otherwise as given (Kahn's algorithm). Throws `DEPENDENCY_CYCLE`. */
function inOrder(drafts: readonly Named[]): Named[] {
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const open = new Map(drafts.map(({ id, spec }) => [id, spec.needs.filter((need) => byId.has(need)).length]));
  const dependents = new Map<string, Named[]>();
  for (const draft of drafts) {
    for (const need of draft.spec.needs) {
      if (!byId.has(need)) continue;
      const known = dependents.get(need);
      if (known) known.push(draft);
      else dependents.set(need, [draft]);
    }
  }
  const order = drafts.filter(({ id }) => open.get(id) === 0);
  for (const draft of order) {
    for (const dependent of dependents.get(draft.id) ?? []) {
      const left = (open.get(dependent.id) ?? 0) - 1;
      open.set(dependent.id, left);
      if (left === 0) order.push(dependent);
    }
  }
  if (order.length < drafts.length) throw cycleError(findCycle(byId, new Set(order.map(({ id }) => id))));
  return order;
}

/** Every task that is left needs another one that is left, so following needs ends in a cycle. */
function findCycle(byId: ReadonlyMap<string, Named>, sorted: ReadonlySet<string>): string[] {
  let at = [...byId.keys()].find((id) => !sorted.has(id)) as string;
  const path: string[] = [];
  while (!path.includes(at)) {
    path.push(at);
    at = byId.get(at)?.spec.needs.find((need) => byId.has(need) && !sorted.has(need)) as string;
  }
  return [...path.slice(path.indexOf(at)), at];
}

function taken(id: string): TaskError {
  return new TaskError({
    code: 'ID_TAKEN',
    message: `"${id.slice(0, 80)}" cannot be the id of a new task: it is in use, or not of the form tsk_….`,
    hint: 'Leave the id out, and one is made.',
  });
}
