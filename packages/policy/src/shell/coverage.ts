import type { SyntaxNode } from 'unbash';

const WHOLE = new Set(['Word', 'Assignment', 'Redirect', 'HereString', 'HereDoc', 'TestCommand', 'ArithmeticCommand']);
const KEYWORDS = new Set(
  'if then elif else fi for in do done while until case esac select function coproc time -p --'.split(' '),
);

interface Span {
  readonly pos: number;
  readonly end: number;
}

/**
 * What of a script its syntax tree accounts for. The parser recovers from some errors without reporting them (unbash 6.0.4
 * reads `ls (` as `ls`), and what it skipped is what would not be judged.
 */
export class Coverage {
  readonly #spans: Span[] = [];

  /** Notes a node that stands for its whole text; commands inside words are accounted for by their own script. */
  add(node: SyntaxNode): void {
    if (!WHOLE.has(node.type)) return;
    this.#spans.push(node);
    if (node.type === 'HereDoc') {
      this.#spans.push({ pos: node.body.pos, end: node.closing?.end ?? node.body.end });
    }
  }

  /** Whether nothing is left of `script`, a part of `source`, but keywords, operators, blanks and comments. */
  isFull(script: Span, source: string): boolean {
    const rest = this.#gaps(script, source)
      .replace(/\\\n/g, ' ')
      .replace(/(^|[\s;&|()])#[^\n]*/g, '$1');
    let open = 0;
    for (const char of rest) {
      if (char === '(') open++;
      if (char === ')') open--;
    }
    const words = rest.match(/[^\s;&|(){}!<>]+/g) ?? [];
    return open === 0 && words.every((word) => KEYWORDS.has(word));
  }

  #gaps({ pos, end }: Span, source: string): string {
    const gaps: string[] = [];
    let at = pos;
    for (const span of this.#spans.sort((a, b) => a.pos - b.pos)) {
      if (span.pos > at) gaps.push(source.slice(at, Math.min(span.pos, end)));
      at = Math.max(at, span.end);
      if (at >= end) break;
    }
    if (at < end) gaps.push(source.slice(at, end));
    return gaps.join(' ');
  }
}
