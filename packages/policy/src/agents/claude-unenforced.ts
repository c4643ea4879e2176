import type { AgentRule } from './agent-rules.js';
import { claudePermissions } from './claude-permissions.js';
import type { UnenforcedRule } from './compiled-policy.js';

const WITHOUT_HOOK: Readonly<Record<AgentRule['action'], string | null>> = {
  'shell.run':
    'Its patterns match a command as it is typed; the same program under its path, behind a variable or within a script is not seen.',
  'file.read': 'Its patterns hold for its own tools for files and for the commands it can read, not for every command.',
  'file.write':
    'Its patterns hold for its own tools for files and for the commands it can read, not for every command.',
  'net.fetch': 'Its patterns hold for its own tools for the web, not for commands.',
  'tool.call': null,
};

const EVEN_SO: Readonly<Record<AgentRule['action'], string | null>> = {
  'shell.run': 'A command that is allowed can start this program itself, and nobody is asked.',
  'file.read': 'A command that is allowed can open this file itself, and nobody is asked.',
  'file.write': 'A command that is allowed can write this file itself, and nobody is asked.',
  'net.fetch': 'A command that is allowed can reach the network itself, and nobody is asked.',
  'tool.call': null,
};

/** What of a rule that denies or asks claude does not hold itself to: without the hook, and even with it. */
export function unenforcedByClaude(each: AgentRule): UnenforcedRule[] {
  const { rule, action } = each;
  if (rule.effect === 'allow') return [];
  const { id, at } = rule;
  const found: UnenforcedRule[] = [];
  const { patterns, wider, lacking } = claudePermissions(each);
  const settings = (why: string) => found.push({ rule: id, at, level: 'settings', why });
  if (patterns === null) settings(`Its patterns cannot say what this rule is about on ${action}.`);
  else if (patterns.length > 0) {
    if (lacking !== null) settings(`Its patterns leave out ${lacking}.`);
    if (rule.effect === 'deny' && (wider === 'much' || (wider === 'some' && action === 'shell.run')))
      settings(`It asks about ${action} where this rule denies.`);
    const limit = WITHOUT_HOOK[action];
    if (limit !== null) settings(limit);
  }
  const beyond = EVEN_SO[action];
  if (beyond !== null && patterns?.length !== 0) found.push({ rule: id, at, level: 'agent', why: beyond });
  return found;
}
