import type { Cel, Environment } from './cel.js';

/**
 * The tree with the one difference between this language and CEL taken out of it. A dotted name is one attribute here, so
 * `has(a.b.c)` is false where `a.b` is absent; in CEL it is then an error, because only the last selection is tested
 * (https://github.com/google/cel-spec/blob/master/doc/langdef.md#field-selection). Just these cases are answered before an
 * oracle sees them: every `has()` whose owner is there, and every other mention of what is absent, stays as it is.
 */
export function answerHasOfAbsentOwners(tree: Cel, environment: Environment): Cel {
  switch (tree.kind) {
    case 'has':
      return isThere(tree.path.slice(0, -1), environment) ? tree : { kind: 'value', value: false };
    case 'not':
      return { ...tree, operand: answerHasOfAbsentOwners(tree.operand, environment) };
    case 'binary':
      return {
        ...tree,
        left: answerHasOfAbsentOwners(tree.left, environment),
        right: answerHasOfAbsentOwners(tree.right, environment),
      };
    default:
      return tree;
  }
}

function isThere(path: readonly string[], environment: Environment): boolean {
  let value: unknown = environment;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return false;
    value = (value as Environment)[part];
  }
  return true;
}
