import {
  type Assignment,
  type Command,
  forEachChild,
  type ParsedScript,
  parse,
  type Redirection,
  type SyntaxNode,
} from 'unbash';
import { Coverage } from './coverage.js';
import { Findings } from './findings.js';
import { Folders } from './folders.js';
import {
  MAX_ARITHMETIC_LENGTH,
  MAX_LEVELS,
  MAX_NODES,
  MAX_SCRIPTS,
  MAX_SOURCES_LENGTH,
  MAX_WORDS,
  MAX_WRAPPERS,
} from './limits.js';
import type { ShellLine, ShellWord } from './line.js';
import { STATEFUL_BUILTINS } from './programs.js';
import { readRedirect } from './redirects.js';
import { riskyOption } from './risky-options.js';
import { isPosixScript, refuseSource } from './source.js';
import { isPlainTest } from './tests.js';
import { isSensitiveVariable } from './variables.js';
import { readAssignedWord, readWord } from './word.js';
import { unwrap } from './wrappers.js';

/** Walks syntax trees and collects what they would do; scripts inside strings are parsed and walked the same way. */
export class LineReader {
  readonly #found = new Findings();
  readonly #folders: Folders;
  #source = '';
  #coverage = new Coverage();
  #wrappers = 0;
  #scripts = 0;
  #levels = 0;
  #loops = 0;
  #nodes = 0;
  #characters = 0;

  constructor(cwd: string) {
    this.#folders = new Folders(cwd);
  }

  line(): ShellLine {
    return this.#found.line();
  }

  /** Reads a whole script. One for `posix` is run by a shell that may be another than bash. */
  readSource(source: string, dialect: 'bash' | 'posix'): void {
    this.#characters += source.length;
    const refusal = this.#refuse(source);
    if (refusal !== null) {
      this.#found.doubt(refusal);
      return;
    }
    if (dialect === 'posix' && !isPosixScript(source)) this.#found.doubt('sh may read the script otherwise than bash');
    const outer = this.#source;
    this.#source = source;
    this.#wrappers++;
    try {
      const before = this.#found.count;
      this.#visit(parse(source));
      if (this.#wrappers > 1 && this.#found.count === before) this.#found.doubt('a script does nothing');
    } catch (thrown) {
      // The parser or the walk ran out of stack, or the parser met what it was not made for.
      if (!(thrown instanceof Error)) throw thrown;
      this.#found.stop('the line cannot be parsed');
    }
    this.#wrappers--;
    this.#source = outer;
  }

  #refuse(source: string): string | null {
    if (this.#wrappers >= MAX_WRAPPERS) return 'commands are nested too deeply';
    if (this.#characters > MAX_SOURCES_LENGTH) return 'the line is too intricate';
    return refuseSource(source);
  }

  /** A program start with its words, and whatever it starts in turn. */
  readCommand(written: readonly ShellWord[]): void {
    if (this.#wrappers >= MAX_WRAPPERS) {
      this.#found.doubt('commands are nested too deeply');
      return;
    }
    const words = written.length > MAX_WORDS ? written.slice(0, MAX_WORDS) : written;
    const unresolved: string[] = [];
    if (words !== written) unresolved.push('there are too many words');
    const dynamic = words.find((word) => word.value === null);
    if (dynamic) unresolved.push(`the word "${shorten(dynamic.text)}" is dynamic`);
    const program = words[0]?.value ?? null;
    if (program === null) {
      this.#found.addCommand({ words, role: 'command', cwds: this.#folders.possible, unresolved });
      return;
    }
    const operands = words.slice(1).map((word) => word.value);
    if (STATEFUL_BUILTINS.has(program)) unresolved.push(`${program} changes what the rest means`);
    const risk = riskyOption(program, operands);
    if (risk) unresolved.push(risk);
    const inner = unwrap(words);
    if (inner.kind !== 'none' && 'why' in inner && inner.why) unresolved.push(inner.why);
    const isWrapper = (inner.kind === 'commands' || inner.kind === 'script') && inner.transparent;
    const role = isWrapper ? 'wrapper' : 'command';
    this.#found.addCommand({ words, role, cwds: this.#folders.possible, unresolved });
    this.#wrappers++;
    if (inner.kind === 'commands') for (const command of inner.commands) this.readCommand(command);
    if (inner.kind === 'script') this.readSource(inner.source, inner.dialect);
    this.#wrappers--;
    if (program === 'cd') this.#changeFolder(operands);
  }

  #visit(node: SyntaxNode): void {
    if (this.#found.stopped) return;
    if (++this.#nodes > MAX_NODES || this.#levels >= MAX_LEVELS) {
      this.#found.stop('the line is too intricate');
      return;
    }
    this.#coverage.add(node);
    this.#levels++;
    this.#visitKind(node);
    this.#levels--;
  }

  #visitKind(node: SyntaxNode): void {
    switch (node.type) {
      case 'Script':
        this.#visitScript(node);
        return;
      case 'Command':
        // A dynamic word is the command's own doubt, found when its words are read.
        forEachChild(node, (child) => (child.type === 'Word' ? this.#visitData(child) : this.#visit(child)));
        if (!this.#found.stopped) this.#readSimple(node);
        return;
      case 'Redirect':
      case 'HereString':
      case 'HereDoc':
        this.#readRedirection(node);
        return;
      case 'For':
      case 'While':
      case 'Select':
      case 'ArithmeticFor':
        this.#loops++;
        this.#noteDoubts(node);
        this.#visitChildren(node);
        this.#loops--;
        return;
      default:
        this.#noteDoubts(node);
        this.#visitChildren(node);
    }
  }

  #noteDoubts(node: SyntaxNode): void {
    switch (node.type) {
      case 'Function':
      case 'Coproc':
      case 'Select':
      case 'ArithmeticCommand':
      case 'ArithmeticFor':
      case 'ArithmeticExpansion':
      case 'ArrayValue':
        this.#found.doubt(`${DOUBTFUL[node.type]} cannot be judged beforehand`);
        if (node.type === 'ArithmeticExpansion' && node.end - node.pos > MAX_ARITHMETIC_LENGTH) {
          this.#found.stop('the line is too intricate');
        }
        break;
      case 'TestCommand':
        if (!isPlainTest(node.expression)) this.#found.doubt('a [[ … ]] test may evaluate its operands');
        break;
      case 'For':
        if (isSensitiveVariable(node.name.value)) this.#found.doubt(`the loop sets ${node.name.value}`);
        break;
      case 'Assignment':
        this.#readAssignment(node);
        break;
      case 'Word':
        if (readWord(node).value === null) this.#found.doubt(`"${shorten(node.text)}" is dynamic`);
        break;
      default:
        break;
    }
  }

  #visitChildren(node: SyntaxNode): void {
    if (this.#found.stopped) return;
    forEachChild(node, (child) => this.#visit(child));
  }

  /** Visits what is in a word, not the word. */
  #visitData(word: SyntaxNode): void {
    this.#nodes++;
    this.#coverage.add(word);
    this.#visitChildren(word);
  }

  /** The whole line or a substitution in it; one in backquotes may bring a source of its own. */
  #visitScript(script: ParsedScript): void {
    if (this.#scripts >= MAX_SCRIPTS) {
      this.#found.stop('commands are nested too deeply');
      return;
    }
    this.#scripts++;
    const [outer, outerCoverage] = [this.#source, this.#coverage];
    this.#source = script.source ?? outer;
    this.#coverage = new Coverage();
    this.#visitChildren(script);
    const isRead = !script.errors?.length && (this.#found.stopped || this.#coverage.isFull(script, this.#source));
    if (!isRead) this.#found.doubt('the line cannot be parsed');
    [this.#source, this.#coverage] = [outer, outerCoverage];
    this.#scripts--;
  }

  #readSimple(command: Command): void {
    if (!command.name) return;
    const words = command.args.map((arg) => (arg.type === 'Word' ? readWord(arg) : readAssignedWord(arg)));
    this.readCommand([readWord(command.name), ...words]);
  }

  #readAssignment(assignment: Assignment): void {
    if (isSensitiveVariable(assignment.name)) this.#found.doubt(`the line sets ${assignment.name}`);
    if (assignment.index) this.#found.doubt('an array index is evaluated');
  }

  #readRedirection(redirection: Redirection): void {
    const { doubts, files } = readRedirect(redirection);
    for (const doubt of doubts) this.#found.doubt(doubt);
    for (const { action, target } of files) this.#found.addRedirect({ action, target, cwds: this.#folders.possible });
    // A target or a here-document may hold substitutions; their text is data, their commands are not.
    forEachChild(redirection, (child) => this.#visitData(child));
  }

  #changeFolder(operands: readonly (string | null)[]): void {
    const doubt = this.#folders.change(operands);
    if (doubt) this.#found.doubt(doubt);
    else if (this.#loops > 0) this.#found.doubt('cd in a loop');
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

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
