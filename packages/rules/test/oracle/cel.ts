import type { AttributeSchema } from '../../src/index.js';

/** An expression as a tree of CEL's own terms, so that no oracle depends on the code it is compared with. */
export type Cel =
  | { readonly kind: 'value'; readonly value: boolean | number | string }
  | { readonly kind: 'list'; readonly items: readonly (number | string)[] }
  | { readonly kind: 'name'; readonly path: readonly string[] }
  | { readonly kind: 'has'; readonly path: readonly string[] }
  | { readonly kind: 'not'; readonly operand: Cel }
  | {
      readonly kind: 'binary';
      readonly operator: '&&' | '||' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';
      readonly left: Cel;
      readonly right: Cel;
    }
  | { readonly kind: 'call'; readonly target: Cel; readonly method: string; readonly argument: string };

export type Environment = { readonly [name: string]: unknown };

/** Somebody else's evaluator. `source` is the text of `tree`, which is valid CEL if `glob` is declared. */
export interface Oracle {
  readonly name: string;
  evaluate(source: string, tree: Cel, environment: Environment): boolean | 'error';
}

export const schema: AttributeSchema = {
  'subject.kind': { enum: ['user', 'ai', 'system'] },
  'resource.path': 'path',
  'resource.host': 'string',
  'resource.size': 'int',
  'resource.inside': 'bool',
  'resource.locks': 'set',
  'context.labels': 'map',
};
