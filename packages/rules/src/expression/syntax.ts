import { ExpressionSyntax } from './problem.js';
import { readTokens, type Token } from './tokens.js';

export type Relation = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';

/** What was written, before types are known. Offsets are UTF-16 indexes into the source. */
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
    };

const MAX_DEPTH = 100;
const RELATIONS: readonly string[] = ['==', '!=', '<', '<=', '>', '>=', 'in'];

/** Parses an expression by CEL's precedence. Throws {@link ExpressionSyntax} at the first error. */
export function parseSyntax(source: string): Syntax {
  const parser = new Parser(readTokens(source));
  const syntax = parser.disjunction();
  parser.expectEnd();
  return syntax;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  disjunction(): Syntax {
    if (++this.#depth > MAX_DEPTH) this.#fail(`Parentheses may nest ${MAX_DEPTH} deep.`);
    const syntax = this.#chain('||', 'or', () => this.#chain('&&', 'and', () => this.#relation()));
    this.#depth--;
    return syntax;
  }

  expectEnd(): void {
    const token = this.#peek();
    if (token.kind === 'end') return;
    if (RELATIONS.includes(token.text)) this.#fail('Comparisons cannot be chained; join them with "&&".');
    if (token.kind === 'name' && ['and', 'or', 'not'].includes(token.text)) {
      this.#fail(`"${token.text}" is not an operator. Did you mean "${token.text === 'or' ? '||' : '&&'}"?`);
    }
    this.#fail(`An operator or the end was expected, not "${token.text}".`);
  }

  #chain(operator: string, kind: 'and' | 'or', next: () => Syntax): Syntax {
    const operands = [next()];
    while (this.#take(operator)) operands.push(next());
    const first = operands[0] as Syntax;
    return operands.length === 1 ? first : { kind, operands, offset: first.offset };
  }

  #relation(): Syntax {
    const left = this.#unary();
    const token = this.#peek();
    if (token.kind === 'string' || !RELATIONS.includes(token.text)) return left;
    this.#at++;
    const right = this.#unary();
    return { kind: 'relation', operator: token.text as Relation, left, right, offset: token.offset };
  }

  #unary(): Syntax {
    const { offset } = this.#peek();
    let negations = 0;
    while (this.#take('!')) negations++;
    const operand = this.#member();
    return negations % 2 === 1 ? { kind: 'not', operand, offset } : operand;
  }

  #member(): Syntax {
    let syntax = this.#primary();
    while (this.#take('.')) {
      const name = this.#next();
      if (name.kind !== 'name') throw new ExpressionSyntax('A name was expected after ".".', name.offset);
      if (this.#take('(')) {
        const args = this.#list(')');
        const { text: method, offset: methodOffset } = name;
        syntax = { kind: 'call', target: syntax, method, methodOffset, arguments: args, offset: syntax.offset };
      } else if (syntax.kind === 'attribute') {
        syntax = { ...syntax, path: `${syntax.path}.${name.text}` };
      } else {
        throw new ExpressionSyntax('Only an attribute has members.', name.offset);
      }
    }
    if (this.#peek().text === '[' && this.#peek().kind === 'symbol')
      this.#fail('Indexing is not part of this language.');
    return syntax;
  }

  #primary(): Syntax {
    const token = this.#next();
    const { offset } = token;
    if (token.kind === 'string' || token.kind === 'int') return { kind: 'literal', value: token.value, offset };
    if (token.kind === 'name') return this.#named(token.text, offset);
    if (token.text === '(') {
      const inner = this.disjunction();
      this.#expect(')');
      return inner;
    }
    if (token.text === '[') return { kind: 'list', items: this.#list(']'), offset };
    if (token.text === '-') {
      const int = this.#next();
      if (int.kind !== 'int') throw new ExpressionSyntax('Arithmetic ("-") is not part of this language.', offset);
      return { kind: 'literal', value: -int.value, offset };
    }
    const found = token.kind === 'end' ? 'the expression ends' : `"${token.text}" stands`;
    throw new ExpressionSyntax(`A value was expected where ${found}.`, offset);
  }

  #named(name: string, offset: number): Syntax {
    if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true', offset };
    if (name === 'null' || name === 'in') throw new ExpressionSyntax(`"${name}" cannot stand here.`, offset);
    if (!this.#take('(')) return { kind: 'attribute', path: name, offset };
    if (name !== 'has') {
      throw new ExpressionSyntax(`There is no function "${name}"; the only one is has(attribute).`, offset);
    }
    const argument = this.#member();
    this.#expect(')');
    return { kind: 'has', argument, offset };
  }

  #list(close: string): Syntax[] {
    const items: Syntax[] = [];
    if (this.#take(close)) return items;
    do items.push(this.disjunction());
    while (this.#take(','));
    this.#expect(close);
    return items;
  }

  #expect(text: string): void {
    if (!this.#take(text)) {
      const token = this.#peek();
      const found = token.kind === 'end' ? 'the expression ends' : `"${token.text}" stands`;
      this.#fail(`"${text}" was expected where ${found}.`);
    }
  }

  #take(text: string): boolean {
    const token = this.#peek();
    const taken = token.kind === 'symbol' && token.text === text;
    if (taken) this.#at++;
    return taken;
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #peek(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #fail(message: string): never {
    throw new ExpressionSyntax(message, this.#peek().offset);
  }
}
