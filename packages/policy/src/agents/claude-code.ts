import type { JsonObject } from '@signalbox/kernel';
import { effectiveSettings } from '../effective-settings.js';
import type { Policy } from '../load.js';
import { type AgentRule, agentRules, exceptionNotes } from './agent-rules.js';
import { claudeAllows } from './claude-allows.js';
import { type ClaudePermissions, claudePermissions } from './claude-permissions.js';
import { unenforcedByClaude } from './claude-unenforced.js';
import type { CompiledPolicy, CompileOptions } from './compiled-policy.js';

const EVERY_TOOL = ['Bash', 'Read', 'Glob', 'Grep', 'Edit', 'Write', 'NotebookEdit', 'WebFetch', 'WebSearch'];
// A hook that takes longer does not stop the call; no answer to an approval takes as long as this.
const HOOK_TIMEOUT_S = 24 * 60 * 60;

interface Lists {
  deny: string[];
  ask: string[];
  notes: string[];
}

/** A policy as `.claude/settings.json`. */
export function compileForClaudeCode(policy: Policy, { hookCommand, now }: CompileOptions): CompiledPolicy {
  const rules = agentRules(policy, now);
  const lists: Lists = { deny: [], ask: [], notes: [] };
  for (const each of rules) if (each.rule.effect !== 'allow') addRule(lists, each, claudePermissions(each));
  const isValid = policy.problems.length === 0;
  const permissions = {
    deny: isValid ? unique(lists.deny) : EVERY_TOOL,
    ask: isValid ? unique(lists.ask) : [],
    allow: isValid ? claudeAllows(policy, rules) : [],
    defaultMode: policy.default === 'deny' || !isValid ? 'dontAsk' : 'default',
    disableBypassPermissionsMode: 'disable',
  };
  const settings: JsonObject = { permissions, hooks: hooksOf(hookCommand), ...sandboxOf(policy) };
  return {
    files: [{ path: '.claude/settings.json', text: `${JSON.stringify(settings, null, 2)}\n` }],
    unenforced: rules.flatMap(unenforcedByClaude),
    notes: [
      ...(isValid ? [] : ['The policy is not valid, so claude is denied every tool.']),
      ...lists.notes,
      ...exceptionNotes(policy, rules, 'claude'),
      ...notesOf(policy),
    ],
  };
}

function addRule(lists: Lists, { rule, action }: AgentRule, { patterns, wider }: ClaudePermissions): void {
  if (!patterns || patterns.length === 0) return;
  // Denying more than the policy does would stop work that it allows; a question leaves the answer to a person.
  const asks = rule.effect === 'ask' || wider === 'much' || (wider === 'some' && action === 'shell.run');
  (asks ? lists.ask : lists.deny).push(...patterns);
  if (wider === 'no') return;
  const verb = asks ? 'asks about' : 'denies';
  lists.notes.push(`claude ${verb} more than ${rule.id} is about on ${action}: ${patterns.join(', ')}.`);
}

/** `|| exit 2`: a hook that fails in any other way lets the call pass on to the permissions. */
function hooksOf(command: readonly string[]): JsonObject {
  const line = `${command.map(shellQuoted).join(' ')} || exit 2`;
  const hook = { type: 'command', command: line, timeout: HOOK_TIMEOUT_S };
  return { PreToolUse: [{ matcher: '*', hooks: [hook] }] };
}

function shellQuoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function sandboxOf(policy: Policy): JsonObject {
  const mode = effectiveSettings(policy)['sandbox']?.value;
  if (mode !== 'workspace-write' && mode !== 'read-only') return {};
  // Sandboxed commands run unasked unless that is switched off, and a model may ask to run one outside.
  const sandbox = {
    enabled: true,
    failIfUnavailable: true,
    autoAllowBashIfSandboxed: false,
    allowUnsandboxedCommands: false,
  };
  return { sandbox };
}

function notesOf(policy: Policy): string[] {
  const notes = [
    'From the settings of a project claude takes what they allow only once its user has trusted the folder; what they deny holds at once.',
    'The hook is asked before every tool call and enforces the whole policy; a user may switch hooks off, and then the settings alone hold.',
    'Without the hook, claude reads files of the workspace and runs commands that it takes for reading unasked.',
    'What a command does once it runs is not seen: only the sandbox holds the files it opens, its network and the programs it starts.',
  ];
  if (policy.default === 'deny') {
    notes.push('The default of the policy is deny, so claude refuses what it would ask about, also where a rule asks.');
  }
  if (effectiveSettings(policy)['sandbox']?.value === 'read-only') {
    notes.push('The sandbox of claude lets commands write to the workspace; it has no mode that is read-only.');
  }
  return notes;
}

function unique(patterns: readonly string[]): string[] {
  return [...new Set(patterns)];
}
