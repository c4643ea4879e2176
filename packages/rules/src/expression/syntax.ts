export type Relation = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';

/**
 * What was written, before types are known. Offsets are UTF-16 indexes into the source. `invalid` stands for what could not
 * be read and was reported.
 */
export type Syntax =
  | { readonly kind: 'literal'; readonly value: boolean | number | string; readonly offset: number }
  | { readonly kind: 'attribute'; readonly path: string; readonly offset: number }
  | { readonly kind: 'list'; readonly items: readonly Syntax[]; readonly offset: number }
  | { readonly kind: 'has'; readonly argument: Syntax; readonly offset: number }
  | {
      readonly kind: 'call';
      readonly target: Syntax;
      readonly method: string;
      readonly methodOffset: number;
      readonly arguments: readonly Syntax[];
      readonly offset: number;
    }
  | { readonly kind: 'not'; readonly operand: Syntax; readonly offset: number }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Syntax[]; readonly offset: number }
  | {
      readonly kind: 'relation';
      readonly operator: Relation;
      readonly left: Syntax;
      readonly right: Syntax;
      readonly offset: number;
    }
  | { readonly kind: 'invalid'; readonly offset: number };
