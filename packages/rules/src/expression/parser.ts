import { MAX_DEPTH, MAX_LIST_ITEMS, MAX_OPERANDS } from './limits.js';
import { CompilationStopped, type Report } from './problem.js';
import type { Relation, Syntax } from './syntax.js';
import { readTokens, type Token } from './tokens.js';

const RELATIONS: readonly string[] = ['==', '!=', '<', '<=', '>', '>=', 'in'];
const FOLLOWERS: readonly string[] = ['&&', '||', ')', ']', ','];
const WORDS = new Map([
  ['and', '&&'],
  ['or', '||'],
]);

/**
 * Parses an expression by CEL's precedence. Every error is reported, and parsing goes on at the next `&&`, `||`, `,` or
 * closing bracket, so that one slip is one problem. Throws {@link CompilationStopped} at a limit.
 */
export function parseSyntax(source: string, report: Report): Syntax {
  return new Parser(readTokens(source, report), report).expression();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #report: Report;
  #at = 0;
  #depth = 0;
  #operands = 0;

  constructor(tokens: readonly Token[], report: Report) {
    this.#tokens = tokens;
    this.#report = report;
  }

  expression(): Syntax {
    let syntax = this.#disjunction();
    while (this.#peek().kind !== 'end') {
      this.#fail(`An operator or the end was expected, not "${this.#peek().text}".`);
      this.#at++;
      if (!this.#takeOperator('&&') && !this.#takeOperator('||') && this.#peek().kind === 'end') break;
      this.#disjunction();
      syntax = { kind: 'invalid', offset: syntax.offset };
    }
    return syntax;
  }

  #disjunction(): Syntax {
    this.#enter();
    const syntax = this.#chain('||', 'or', () => this.#chain('&&', 'and', () => this.#relation()));
    this.#depth--;
    return syntax;
  }

  #chain(operator: string, kind: 'and' | 'or', next: () => Syntax): Syntax {
    const operands = [next()];
    while (this.#takeOperator(operator)) operands.push(next());
    const first = operands[0] as Syntax;
    return operands.length === 1 ? first : { kind, operands, offset: first.offset };
  }

  #relation(): Syntax {
    const left = this.#unary();
    const token = this.#peek();
    const isRelation = token.kind !== 'string' && RELATIONS.includes(token.text);
    if (!isRelation) return this.#followed(left);
    this.#at++;
    const right = this.#unary();
    return this.#followed({
      kind: 'relation',
      operator: token.text as Relation,
      left,
      right,
      offset: token.offset,
    });
  }

  /** The operand itself if something that may follow it does; else what follows is reported and passed over. */
  #followed(operand: Syntax): Syntax {
    const token = this.#peek();
    if (this.#atFollower()) return operand;
    if (token.kind !== 'string' && RELATIONS.includes(token.text)) {
      this.#fail('Comparisons cannot be chained; join them with "&&".');
    } else if (operand.kind !== 'invalid' && token.kind !== 'invalid') {
      this.#fail(`An operator or the end was expected, not "${token.text}".`);
    }
    while (!this.#atFollower()) this.#skip();
    return { kind: 'invalid', offset: operand.offset };
  }

  /** Passes over one token, or over brackets with everything in them. */
  #skip(): void {
    const opened: string[] = [];
    do {
      const { kind, text } = this.#next();
      if (kind !== 'symbol') continue;
      if (text === '(' || text === '[') opened.push(text);
      else if (text === ')' || text === ']') opened.pop();
    } while (opened.length > 0 && this.#peek().kind !== 'end');
  }

  #atFollower(): boolean {
    const { kind, text } = this.#peek();
    return kind === 'end' || (kind === 'symbol' && FOLLOWERS.includes(text)) || (kind === 'name' && WORDS.has(text));
  }

  #unary(): Syntax {
    const { offset } = this.#peek();
    let negations = 0;
    while (this.#take('!') || this.#takeNot()) negations++;
    const operand = this.#member();
    return negations % 2 === 1 ? { kind: 'not', operand, offset } : operand;
  }

  #takeNot(): boolean {
    const token = this.#peek();
    const next = this.#tokens[this.#at + 1];
    if (token.kind !== 'name' || token.text !== 'not' || (next?.kind !== 'name' && next?.text !== '(')) return false;
    this.#fail('"not" is not an operator. Did you mean "!"?');
    this.#at++;
    return true;
  }

  #member(): Syntax {
    let syntax = this.#primary();
    while (this.#take('.')) {
      const name = this.#peek();
      if (name.kind !== 'name') {
        this.#fail('A name was expected after ".".');
        return { kind: 'invalid', offset: syntax.offset };
      }
      this.#at++;
      const { text, offset } = name;
      if (this.#take('(')) {
        const args = this.#list(')');
        syntax = {
          kind: 'call',
          target: syntax,
          method: text,
          methodOffset: offset,
          arguments: args,
          offset: syntax.offset,
        };
      } else if (syntax.kind === 'attribute') {
        syntax = { ...syntax, path: `${syntax.path}.${text}` };
      } else {
        if (syntax.kind !== 'invalid') this.#report('SYNTAX', 'Only an attribute has members.', offset);
        syntax = { kind: 'invalid', offset: syntax.offset };
      }
    }
    if (this.#peek().kind !== 'symbol' || this.#peek().text !== '[') return syntax;
    this.#fail('Indexing is not part of this language.');
    this.#skip();
    return { kind: 'invalid', offset: syntax.offset };
  }

  #primary(): Syntax {
    const token = this.#peek();
    const { offset } = token;
    if (++this.#operands > MAX_OPERANDS) this.#stop(`An expression may have ${MAX_OPERANDS} operands.`);
    if (token.kind === 'end' || this.#atFollower()) {
      const found = token.kind === 'end' ? 'the expression ends' : `"${token.text}" stands`;
      this.#fail(`A value was expected where ${found}.`);
      return { kind: 'invalid', offset };
    }
    this.#at++;
    if (token.kind === 'invalid') return { kind: 'invalid', offset };
    if (token.kind === 'string' || token.kind === 'int') return { kind: 'literal', value: token.value, offset };
    if (token.kind === 'name') return this.#named(token.text, offset);
    if (token.text === '[') return { kind: 'list', items: this.#list(']'), offset };
    if (token.text === '-') return this.#negative(offset);
    if (token.text === '(') {
      const inner = this.#disjunction();
      this.#expect(')');
      return inner;
    }
    this.#report('SYNTAX', `A value was expected where "${token.text}" stands.`, offset);
    return { kind: 'invalid', offset };
  }

  #negative(offset: number): Syntax {
    const int = this.#peek();
    if (int.kind === 'int') {
      this.#at++;
      return { kind: 'literal', value: -int.value, offset };
    }
    if (int.kind !== 'invalid') this.#report('SYNTAX', 'Arithmetic ("-") is not part of this language.', offset);
    if (!this.#atFollower()) this.#member();
    return { kind: 'invalid', offset };
  }

  #named(name: string, offset: number): Syntax {
    if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true', offset };
    if (name === 'null' || name === 'in') {
      this.#report('SYNTAX', `"${name}" cannot stand here.`, offset);
      return { kind: 'invalid', offset };
    }
    if (!this.#take('(')) return { kind: 'attribute', path: name, offset };
    if (name !== 'has') {
      this.#report('NAME', `There is no function "${name}"; the only one is has(attribute).`, offset);
      this.#list(')');
      return { kind: 'invalid', offset };
    }
    this.#enter();
    const argument = this.#member();
    this.#depth--;
    this.#expect(')');
    return { kind: 'has', argument, offset };
  }

  #list(close: string): Syntax[] {
    const items: Syntax[] = [];
    if (this.#take(close)) return items;
    do items.push(this.#disjunction());
    while (this.#take(','));
    this.#expect(close);
    const [first] = items;
    if (first && items.length > MAX_LIST_ITEMS) {
      this.#report('LIMIT', `A list may have ${MAX_LIST_ITEMS} values.`, first.offset);
    }
    return items;
  }

  #expect(text: string): void {
    if (this.#take(text)) return;
    const token = this.#peek();
    const found = token.kind === 'end' ? 'the expression ends' : `"${token.text}" stands`;
    this.#fail(`"${text}" was expected where ${found}.`);
  }

  /** Takes an operator, also where it was written as a word, which is reported. */
  #takeOperator(operator: string): boolean {
    if (this.#take(operator)) return true;
    const { kind, text } = this.#peek();
    if (kind !== 'name' || WORDS.get(text) !== operator) return false;
    this.#fail(`"${text}" is not an operator. Did you mean "${operator}"?`);
    this.#at++;
    return true;
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

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) this.#stop(`Parentheses may nest ${MAX_DEPTH} deep.`);
  }

  #fail(message: string): void {
    this.#report('SYNTAX', message, this.#peek().offset);
  }

  #stop(message: string): never {
    this.#report('LIMIT', message, this.#peek().offset);
    throw new CompilationStopped(message);
  }
}
