import { messageOf } from '@signalbox/kernel';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseAllDocuments,
  type Scalar,
  visit,
} from 'yaml';
import type { PolicyProblem, PolicyProblemCode } from './problem.js';

export type KeyPath = readonly (string | number)[];

const MAX_BYTES = 1024 * 1024;

/** A policy file as text with positions: what was written, and where each part of it stands. */
export class PolicyDocument {
  readonly problems: PolicyProblem[] = [];
  /** The content as plain data; `undefined` if the YAML could not be read. */
  readonly data: unknown;
  readonly #file: string;
  readonly #text: string;
  readonly #lines = new LineCounter();
  #document: Document.Parsed | undefined;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.data = this.#readSafely();
  }

  /** Adds a problem at a value, at a key of a map, or `offset` characters into a text value. */
  report(code: PolicyProblemCode, path: KeyPath, message: string, where: { key?: string; offset?: number } = {}): void {
    const node = this.#nearest(path);
    let position = node?.range?.[0] ?? 0;
    if (where.key !== undefined && isMap(node)) {
      const key = node.items.find((item) => isScalar(item.key) && String(item.key.value) === where.key)?.key;
      position = (isNode(key) ? key.range?.[0] : undefined) ?? position;
    }
    if (where.offset !== undefined && isScalar(node)) position = this.#insideScalar(node, where.offset);
    this.#reportAt(code, position, message);
  }

  /** `file:line:column` of a value. */
  at(path: KeyPath): string {
    const { line, column } = this.#place(this.#nearest(path)?.range?.[0] ?? 0);
    return `${this.#file}:${line}:${column}`;
  }

  /** What the parser cannot cope with, such as ten thousand brackets, is a problem of the file. */
  #readSafely(): unknown {
    try {
      return this.#read();
    } catch (thrown) {
      this.#reportAt('POLICY_YAML', 0, sentence(messageOf(thrown)));
      return undefined;
    }
  }

  #read(): unknown {
    if (Buffer.byteLength(this.#text) > MAX_BYTES) {
      this.#reportAt('POLICY_YAML', 0, 'A policy file may have 1 MiB.');
      return undefined;
    }
    const documents = parseAllDocuments(this.#text, { lineCounter: this.#lines, prettyErrors: false });
    const first = Array.isArray(documents) ? documents[0] : undefined;
    if (!first) {
      this.#reportAt('POLICY_YAML', 0, 'The file is empty; it needs at least "version: 1" and "scope:".');
      return undefined;
    }
    if (Array.isArray(documents) && documents.length > 1) {
      this.#reportAt('POLICY_YAML', documents[1]?.range?.[0] ?? 0, 'A policy file is one YAML document, not several.');
    }
    for (const error of [...first.errors, ...first.warnings]) {
      this.#reportAt('POLICY_YAML', error.pos[0], sentence(error.message));
    }
    this.#document = first as Document.Parsed;
    this.#refuseSurprises(this.#document);
    return this.problems.length === 0 ? first.toJS({ maxAliasCount: 0 }) : undefined;
  }

  #refuseSurprises(document: Document.Parsed): void {
    visit(document, (_key, node) => {
      if (isPair(node) && isScalar(node.key) && node.key.value === '__proto__') {
        this.#reportAt('POLICY_SCHEMA', node.key.range?.[0] ?? 0, 'There is no key "__proto__" in a policy file.');
      }
      if (!isNode(node)) return;
      const position = node.range?.[0] ?? 0;
      if (isAlias(node)) this.#reportAt('POLICY_YAML', position, 'Aliases ("*name") are not used in policy files.');
      else if (node.tag) this.#reportAt('POLICY_YAML', position, `Tags ("${node.tag}") are not used in policy files.`);
      else if (isScalar(node) && typeof node.value === 'number' && !Number.isFinite(node.value)) {
        this.#reportAt('POLICY_YAML', position, 'Numbers must be finite.');
      }
    });
  }

  #nearest(path: KeyPath) {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? this.#document?.contents : this.#document?.getIn(path.slice(0, length), true);
      if (isNode(node)) return node;
    }
    return undefined;
  }

  /** The place of a character of a text value; the value's start where quoting or folding hides it. */
  #insideScalar(node: Scalar, offset: number): number {
    const [start, end] = node.range ?? [0, 0];
    const written = this.#text.slice(start, end);
    const value = String(node.value);
    const from = written.indexOf(value);
    if (from !== -1) return start + from + offset;
    if (node.type === 'QUOTE_SINGLE') {
      // In single quotes only '' differs from its value, by one character each.
      const doubled = value.slice(0, offset).split("'").length - 1;
      if (!value.includes('\n')) return start + 1 + offset + doubled;
    }
    if (node.type !== 'BLOCK_LITERAL') return start;
    const before = value.slice(0, offset).split('\n');
    const rows = written.split('\n');
    const row = before.length; // row 0 is the "|" itself
    const indent = /^ */.exec(rows[1] ?? '')?.[0].length ?? 0;
    const rowStart = rows.slice(0, row).reduce((total, each) => total + each.length + 1, 0);
    return start + rowStart + indent + (before.at(-1)?.length ?? 0);
  }

  #reportAt(code: PolicyProblemCode, position: number, message: string): void {
    this.problems.push({ file: this.#file, ...this.#place(position), code, message });
  }

  #place(position: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(position);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

function sentence(message: string): string {
  // How the engine says that the parser called itself too often.
  if (message.includes('call stack')) return 'This is nested too deeply.';
  return message.endsWith('.') ? message : `${message}.`;
}
