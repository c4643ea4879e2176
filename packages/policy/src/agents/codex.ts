import { effectiveSettings } from '../effective-settings.js';
import type { Policy } from '../load.js';
import { type AgentRule, agentRules, exceptionNotes } from './agent-rules.js';
import { boundOf } from './bound.js';
import type { CompiledPolicy, CompileOptions, UnenforcedRule } from './compiled-policy.js';

const HEADER = '# Written from the policy of Signalbox; edit that instead.\n';

/** What becomes of one rule. */
interface CodexRule {
  text: string | null;
  unenforced: UnenforcedRule[];
  note: string | null;
}

/** A policy as `.codex/config.toml` and prefix rules. Codex asks no hook, so what is not in these it does not know. */
export function compileForCodex(policy: Policy, { now }: Pick<CompileOptions, 'now'>): CompiledPolicy {
  const rules = agentRules(policy, now).filter(({ rule }) => rule.effect !== 'allow');
  const compiled = rules.map(compileRule);
  const texts = new Set(compiled.flatMap(({ text }) => (text === null ? [] : [text])));
  const notes = compiled.flatMap(({ note }) => (note === null ? [] : [note]));
  return {
    files: [
      { path: '.codex/config.toml', text: configOf(policy) },
      { path: '.codex/rules/signalbox.rules', text: `${HEADER}${[...texts].map((text) => `\n${text}`).join('')}` },
    ],
    unenforced: compiled.flatMap((each) => each.unenforced),
    notes: [
      ...(policy.problems.length > 0 ? ['The policy is not valid, so codex may only read.'] : []),
      ...notes,
      ...exceptionNotes(policy, rules, 'codex'),
      ...NOTES,
    ],
  };
}

const NOTES = [
  'Codex runs a command that no rule is about inside of its sandbox, and asks when it wants to leave that; the default of the policy is not enforced.',
  'No rule allows a command: a prefix would allow more than the policy does, and outside of the sandbox.',
  'Codex reads these files only in a project that its user has trusted.',
  'What a command does once it runs is not seen: only the sandbox holds the files it writes and its network.',
];

function configOf(policy: Policy): string {
  const isValid = policy.problems.length === 0;
  const readOnly = !isValid || effectiveSettings(policy)['sandbox']?.value === 'read-only';
  const approval = !isValid || policy.default === 'deny' ? 'never' : 'on-request';
  const lines = [`approval_policy = "${approval}"`, `sandbox_mode = "${readOnly ? 'read-only' : 'workspace-write'}"`];
  if (!readOnly) lines.push('', '[sandbox_workspace_write]', `network_access = ${String(mayReachNetwork(policy))}`);
  return `${HEADER}${lines.join('\n')}\n`;
}

function mayReachNetwork(policy: Policy): boolean {
  const about = policy.rules.filter(({ on }) => on.some((entry) => entry === 'net.fetch' || entry === 'net.*'));
  return policy.default === 'allow' && about.every(({ effect }) => effect === 'allow');
}

function compileRule(each: AgentRule): CodexRule {
  const { rule, action } = each;
  const unenforced = (why: string): UnenforcedRule => ({ rule: rule.id, at: rule.at, level: 'agent', why });
  if (action !== 'shell.run' || !rule.command) {
    return { text: null, unenforced: [unenforced(whyNot(each))], note: null };
  }
  const { bound, unless } = boundOf(rule, () => null);
  if (bound.kind === 'some') return { text: null, unenforced: [], note: null };
  const isWider = !rule.command.rest || !bound.exact || unless;
  const decision = rule.effect === 'deny' && !isWider ? 'forbidden' : 'prompt';
  const limits = [
    unenforced('Its rules match the first words of a command, not the same program within a script or under its path.'),
  ];
  if (rule.effect === 'deny' && isWider)
    limits.unshift(unenforced('It asks where this rule denies, since a prefix matches more.'));
  const note = isWider
    ? `codex asks about more than ${rule.id} is about: a prefix has no conditions and no end.`
    : null;
  return { text: prefixRule(rule, decision), unenforced: limits, note };
}

function prefixRule({ id, command, reason }: AgentRule['rule'], decision: string): string {
  const tokens = command?.tokens ?? [];
  const pattern = tokens.map((words) =>
    words.length === 1 ? text(words[0] ?? '') : `[${words.map(text).join(', ')}]`,
  );
  const example = tokens.map((words) => text(words[0] ?? ''));
  return `prefix_rule(
    pattern = [${pattern.join(', ')}],
    decision = ${text(decision)},
    justification = ${text(`${reason ?? 'By policy'} (${id})`)},
    match = [[${example.join(', ')}]],
)
`;
}

// A string of Starlark may be written as one of JSON.
function text(value: string): string {
  return JSON.stringify(value);
}

function whyNot({ action }: AgentRule): string {
  switch (action) {
    case 'shell.run':
      return 'Its rules begin with a program, and this one does not name one as a command.';
    case 'file.read':
      return 'It reads every file that its user can read.';
    case 'file.write':
      return 'It writes to every file of the workspace that its sandbox lets it.';
    case 'net.fetch':
      return 'It can switch the network of commands off as a whole, and tells hosts apart nowhere.';
    case 'tool.call':
      return 'Its settings do not ask about single tools of a server.';
  }
}
