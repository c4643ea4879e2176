import type { Attributes } from '../expression/evaluate.js';
import type { Subject } from './atom.js';
import type { Standing } from './theory.js';

/** The attributes in which every subject stands as the model says; what the model does not mention is absent. */
export function buildWitness(model: ReadonlyMap<Subject, Standing>): Attributes {
  const root = createObject();
  // Owners first: the empty object of a map or group must not replace its members.
  const present = [...model].sort(([a], [b]) => a.path.length - b.path.length);
  for (const [{ path }, standing] of present) {
    if (standing.present) place(root, path, standing.value);
  }
  return root;
}

type Tree = Record<string, unknown>;

// Without a prototype, so that an attribute called __proto__ is an ordinary one.
function createObject(): Tree {
  return Object.create(null) as Tree;
}

function place(root: Tree, path: readonly string[], value: unknown): void {
  let at = root;
  for (const part of path.slice(0, -1)) {
    at[part] ??= createObject();
    at = at[part] as Tree;
  }
  const last = path.at(-1) as string;
  const isEmptyObject = typeof value === 'object' && !Array.isArray(value);
  at[last] = isEmptyObject ? createObject() : value;
}
