import { posix } from 'node:path';
import {
  type Assignment,
  type Command,
  forEachChild,
  type ParsedScript,
  type Redirection,
  type SyntaxNode,
} from 'unbash';
import { isFullyCovered } from './coverage.js';
import type { ShellCommand, ShellLine, ShellRedirect, ShellWord } from './line.js';
import { STATEFUL_BUILTINS } from './programs.js';
import { readRedirect } from './redirects.js';
import { riskyOption } from './risky-options.js';
import { isPlainTest } from './tests.js';
import { isSensitiveVariable } from './variables.js';
import { readWord } from './word.js';
import { unwrap } from './wrappers.js';

const MAX_DEPTH = 16;
const MAX_COMMANDS = 500;
const MAX_FOLDERS = 8;

type ParseScript = (source: string) => ParsedScript | string;

/** Walks syntax trees and collects what they would do; scripts inside strings are parsed and walked the same way. */
export class LineReader {
  readonly #parse: ParseScript;
  readonly #commands: ShellCommand[] = [];
  readonly #redirects: ShellRedirect[] = [];
  readonly #unresolved = new Set<string>();
  /** Every folder a command may run in by now. It only grows: a `cd` may fail, or happen in a subshell. */
  #cwds: readonly string[];
  #source = '';
  #depth = 0;
  #loops = 0;

  constructor(cwd: string, parse: ParseScript) {
    this.#cwds = [cwd];
    this.#parse = parse;
  }

  line(): ShellLine {
    return { commands: this.#commands, redirects: this.#redirects, unresolved: [...this.#unresolved] };
  }

  readSource(source: string): void {
    if (this.#depth >= MAX_DEPTH) {
      this.#doubt('commands are nested too deeply');
      return;
    }
    const script = this.#parse(source);
    if (typeof script === 'string') {
      this.#doubt(script);
      return;
    }
    this.#depth++;
    const outer = this.#source;
    this.#source = source;
    this.#visit(script);
    this.#source = outer;
    this.#depth--;
  }

  /** A program start with its words, and whatever it starts in turn. */
  readCommand(words: readonly ShellWord[]): void {
    if (this.#commands.length >= MAX_COMMANDS || this.#depth >= MAX_DEPTH) {
      this.#doubt('there are too many commands');
      return;
    }
    const program = words[0]?.value ?? null;
    const unresolved: string[] = [];
    if (words.some((word) => word.value === null))
      unresolved.push(`a word of "${words.map((w) => w.text).join(' ')}" is dynamic`);
    if (program === null) {
      this.#commands.push({ words, role: 'command', cwds: this.#cwds, unresolved });
      return;
    }
    const operands = words.slice(1).map((word) => word.value);
    if (STATEFUL_BUILTINS.has(program)) unresolved.push(`${program} changes what the rest means`);
    const risk = riskyOption(program, operands);
    if (risk) unresolved.push(risk);
    const inner = unwrap(words);
    if (inner.kind !== 'none' && 'why' in inner && inner.why) unresolved.push(inner.why);
    const isWrapper = (inner.kind === 'command' || inner.kind === 'script') && inner.transparent;
    this.#commands.push({ words, role: isWrapper ? 'wrapper' : 'command', cwds: this.#cwds, unresolved });
    this.#depth++;
    if (inner.kind === 'command') this.readCommand(inner.words);
    if (inner.kind === 'script') this.readSource(inner.source);
    this.#depth--;
    if (program === 'cd') this.#changeFolder(operands);
  }

  #visit(node: SyntaxNode): void {
    switch (node.type) {
      case 'Script':
        this.#visitScript(node);
        return;
      case 'Command':
        // A dynamic word is the command's own doubt, found when its words are read.
        forEachChild(node, (child) => (child.type === 'Word' ? this.#visitChildren(child) : this.#visit(child)));
        this.#readSimple(node);
        return;
      case 'Function':
      case 'Coproc':
      case 'Select':
      case 'ArithmeticCommand':
      case 'ArithmeticFor':
      case 'ArithmeticExpansion':
      case 'ArrayValue':
        this.#doubt(`${DOUBTFUL[node.type]} cannot be judged beforehand`);
        break;
      case 'TestCommand':
        if (!isPlainTest(node.expression)) this.#doubt('a [[ … ]] test may evaluate its operands');
        break;
      case 'For':
        if (isSensitiveVariable(node.name.value)) this.#doubt(`the loop sets ${node.name.value}`);
        break;
      case 'Assignment':
        this.#readAssignment(node);
        break;
      case 'Word':
        if (readWord(node).value === null) this.#doubt(`"${node.text}" is dynamic`);
        break;
      case 'Redirect':
      case 'HereString':
      case 'HereDoc':
        this.#readRedirection(node);
        return;
      default:
        break;
    }
    const loops =
      node.type === 'For' || node.type === 'While' || node.type === 'Select' || node.type === 'ArithmeticFor';
    if (loops) this.#loops++;
    this.#visitChildren(node);
    if (loops) this.#loops--;
  }

  #visitChildren(node: SyntaxNode): void {
    forEachChild(node, (child) => this.#visit(child));
  }

  /** The whole line or a substitution in it; one in backquotes may bring a source of its own. */
  #visitScript(script: ParsedScript): void {
    const outer = this.#source;
    this.#source = script.source ?? outer;
    if (script.errors?.length || !isFullyCovered(script, this.#source)) this.#doubt('the line cannot be parsed');
    this.#visitChildren(script);
    this.#source = outer;
  }

  #readSimple(command: Command): void {
    if (!command.name) return;
    const words = command.args.map((arg) => (arg.type === 'Word' ? readWord(arg) : assignmentWord(arg)));
    this.readCommand([readWord(command.name), ...words]);
  }

  #readAssignment(assignment: Assignment): void {
    if (isSensitiveVariable(assignment.name)) this.#doubt(`the line sets ${assignment.name}`);
    if (assignment.index) this.#doubt('an array index is evaluated');
  }

  #readRedirection(redirection: Redirection): void {
    const { doubts, files } = readRedirect(redirection);
    for (const doubt of doubts) this.#doubt(doubt);
    for (const file of files) this.#redirects.push({ ...file, cwds: this.#cwds });
    // A target or a here-document may hold substitutions; their text is data, their commands are not.
    forEachChild(redirection, (child) => this.#visitChildren(child));
  }

  #changeFolder(operands: readonly (string | null)[]): void {
    const [target] = operands[0] === '--' ? operands.slice(1) : operands;
    if (typeof target !== 'string' || target.startsWith('-') || operands.length > 2) {
      this.#doubt('the folder that cd goes to is not known');
      return;
    }
    if (this.#loops > 0) this.#doubt('cd in a loop');
    const reached = this.#cwds.map((cwd) => posix.resolve(cwd, target));
    this.#cwds = [...new Set([...this.#cwds, ...reached])];
    if (this.#cwds.length > MAX_FOLDERS) {
      this.#doubt('cd too often');
      this.#cwds = this.#cwds.slice(0, MAX_FOLDERS);
    }
  }

  #doubt(phrase: string): void {
    this.#unresolved.add(phrase);
  }
}

const DOUBTFUL = {
  Function: 'a function',
  Coproc: 'a coprocess',
  Select: 'a select loop',
  ArithmeticCommand: 'arithmetic',
  ArithmeticFor: 'arithmetic',
  ArithmeticExpansion: 'arithmetic',
  ArrayValue: 'an array',
} as const;

function assignmentWord(assignment: Assignment): ShellWord {
  const isLiteral = assignment.value.type === 'Word' && readWord(assignment.value).value !== null && !assignment.index;
  const { text } = assignment;
  const prefix = `${assignment.name}=`;
  return isLiteral ? { text, value: text, prefix: text, suffix: text } : { text, value: null, prefix, suffix: '' };
}
