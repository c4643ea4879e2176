import type { AgentRule, ToolAction } from './agent-rules.js';
import { expandPattern } from './argv-prefixes.js';
import { boundOf, type LeafBound } from './bound.js';
import { pathLeaf } from './path-globs.js';

/** A rule in claude's words. */
export interface ClaudePermissions {
  /** Patterns that match at least what the rule matches; `null` if there are none but those that match everything. */
  readonly patterns: readonly string[] | null;
  /**
   * What they match beyond the rule. `some`: what its `unless` takes out, or a file of that name in another folder. `much`:
   * what a condition does not hold for that they leave out.
   */
  readonly wider: 'no' | 'some' | 'much';
  /** What of the rule they do not match, as a phrase; `null`: nothing. */
  readonly lacking: string | null;
  /** For files: the globs behind the patterns. */
  readonly globs: readonly string[] | null;
}

const TOOLS: Readonly<Record<ToolAction, readonly string[] | null>> = {
  'shell.run': ['Bash'],
  'file.read': ['Read', 'Glob', 'Grep'],
  'file.write': ['Edit', 'Write', 'NotebookEdit'],
  'net.fetch': ['WebFetch', 'WebSearch'],
  'tool.call': null,
};

const NOTHING: ClaudePermissions = { patterns: null, wider: 'much', lacking: null, globs: null };

/** Puts a rule into claude's permission patterns as far as that goes. */
export function claudePermissions({ rule, action }: AgentRule): ClaudePermissions {
  if (action === 'shell.run' && rule.command) return commandPermissions({ rule, action });
  const { bound, unless } = boundOf(rule, LEAVES[action]);
  if (bound.kind === 'all') {
    const tools = bound.exact && !unless ? TOOLS[action] : null;
    return tools ? { patterns: tools, wider: 'no', lacking: null, globs: null } : NOTHING;
  }
  const patterns = bound.values.map((value) => PATTERNS[action](value));
  const known = patterns.filter((pattern) => pattern !== null);
  if (known.length === 0 && patterns.length > 0) return NOTHING;
  const lost = bound.values.filter((_, index) => patterns[index] === null);
  const widened = known.some((pattern) => isAtAnyDepth(pattern));
  return {
    patterns: known,
    wider: !bound.exact ? 'much' : unless || widened ? 'some' : 'no',
    lacking: lost.length === 0 ? null : `what it says about ${lost.join(', ')}`,
    globs: action.startsWith('file.') ? bound.values : null,
  };
}

function commandPermissions({ rule }: AgentRule): ClaudePermissions {
  const { command } = rule;
  const lists = command && expandPattern(command);
  if (!command || !lists) return NOTHING;
  const { bound, unless } = boundOf(rule, () => null);
  if (bound.kind === 'some') return { patterns: [], wider: 'no', lacking: null, globs: null };
  const sayable = lists.filter((words) =>
    words.every((word) => /^[\w@%+=:,./~^-]+$/.test(word) && !word.endsWith(':')),
  );
  if (sayable.length === 0) return NOTHING;
  const patterns = sayable.map((words) => `Bash(${words.join(' ')}${command.rest ? ':*' : ''})`);
  return {
    patterns,
    wider: bound.exact ? (unless ? 'some' : 'no') : 'much',
    lacking: sayable.length === lists.length ? null : 'commands with words that its patterns cannot name',
    globs: null,
  };
}

const equalTo =
  (attribute: string): LeafBound =>
  (leaf) => {
    if (leaf.attribute !== attribute) return null;
    if (leaf.kind === 'equals') return [String(leaf.value)];
    return leaf.kind === 'oneOf' ? leaf.values.map(String) : null;
  };

const LEAVES: Readonly<Record<ToolAction, LeafBound>> = {
  'shell.run': equalTo('action.program'),
  'file.read': pathLeaf,
  'file.write': pathLeaf,
  'net.fetch': equalTo('resource.host'),
  'tool.call': equalTo('action.server'),
};

const PATTERNS: Readonly<Record<ToolAction, (value: string) => string | null>> = {
  'shell.run': (program) => (/^[\w.+-]+$/.test(program) ? `Bash(${program}:*)` : null),
  'file.read': (glob) => filePattern('Read', glob),
  'file.write': (glob) => filePattern('Edit', glob),
  'net.fetch': (host) => (/^[\w.-]+$/.test(host) ? `WebFetch(domain:${host})` : null),
  'tool.call': (server) => (/^[\w-]+$/.test(server) ? `mcp__${server}` : null),
};

/** Patterns for files follow gitignore; a leading "//" begins at the root of the file system. */
function filePattern(tool: string, glob: string): string | null {
  if (!/^[\w@%+=:,.*?/-][\w@%+=:,.*?/~ -]*$/.test(glob) || glob.endsWith(' ')) return null;
  return `${tool}(${glob.startsWith('/') ? '/' : ''}${glob})`;
}

// As in gitignore, a pattern without a slash matches in every folder.
function isAtAnyDepth(pattern: string): boolean {
  const [, glob] = /^(?:Read|Edit)\((.*)\)$/.exec(pattern) ?? [];
  return glob !== undefined && !glob.includes('/');
}
