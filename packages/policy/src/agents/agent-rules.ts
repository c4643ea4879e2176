import { covers } from '../attributes.js';
import type { Rule } from '../file/layer.js';
import type { Policy } from '../load.js';

/** What agents do by their tools; the rest of a policy is about commands of Signalbox and enforced there. */
export const TOOL_ACTIONS = ['shell.run', 'file.read', 'file.write', 'net.fetch', 'tool.call'] as const;
export type ToolAction = (typeof TOOL_ACTIONS)[number];

/** A rule as far as it is about one action. */
export interface AgentRule {
  readonly rule: Rule;
  readonly action: ToolAction;
}

/** The rules in force about what an agent does. */
export function agentRules(policy: Policy, now: number | undefined): AgentRule[] {
  return policy.rules
    .filter(
      ({ mode, expiresAt }) => mode === 'enforce' && !(expiresAt !== null && now !== undefined && now >= expiresAt),
    )
    .flatMap((rule) =>
      TOOL_ACTIONS.filter((action) => rule.on.some((on) => covers(on, action))).map((action) => ({ rule, action })),
    );
}

/** What to know about rules that an exception or override may loosen: an agent's settings hold to the rule itself. */
export function exceptionNotes(policy: Policy, rules: readonly AgentRule[], agent: string): string[] {
  const excepted = rules.filter(({ rule }) => policy.exceptions.some((exception) => exception.rule === rule.id));
  return [...new Set(excepted.map(({ rule }) => rule.id))].map((id) => `${agent} knows no exceptions to ${id}.`);
}
