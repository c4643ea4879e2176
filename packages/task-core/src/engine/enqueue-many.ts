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
    // An idempotency key may have led to a task that was there before.
    const needs = spec.needs.map((need) => outcomes.get(need)?.task.id ?? need);
    const origin = { id, now: at.now, createdBy: at.createdBy, ended };
    outcomes.set(id, enqueueTask(tables, { ...spec, needs }, origin));
  }
  return named.map(({ id }) => outcomes.get(id) as CreateOutcome);
}

type Named = TaskDraft & { id: string };

/** Needs before dependents, and otherwise as given. Throws `DEPENDENCY_CYCLE`. */
function inOrder(drafts: readonly Named[]): Named[] {
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const order: Named[] = [];
  const isPlaced = new Set<string>();
  for (const draft of drafts) {
    // Depth first with a stack of our own: a chain may be longer than the one of the language is deep.
    const path = isPlaced.has(draft.id) ? [] : [{ draft, next: 0 }];
    const onPath = new Set(path.map((step) => step.draft.id));
    for (let at = path.at(-1); at; at = path.at(-1)) {
      const need = at.draft.spec.needs[at.next++];
      if (need === undefined) {
        order.push(at.draft);
        isPlaced.add(at.draft.id);
        onPath.delete(at.draft.id);
        path.pop();
        continue;
      }
      if (onPath.has(need)) {
        const ids = path.map((step) => step.draft.id);
        throw cycleError([...ids.slice(ids.indexOf(need)), need]);
      }
      const other = byId.get(need);
      if (!other || isPlaced.has(need)) continue;
      path.push({ draft: other, next: 0 });
      onPath.add(need);
    }
  }
  return order;
}

function taken(id: string): TaskError {
  return new TaskError({
    code: 'ID_TAKEN',
    message: `"${id.slice(0, 80)}" cannot be the id of a new task: it is in use, or not of the form tsk_….`,
    hint: 'Leave the id out, and one is made.',
  });
}
