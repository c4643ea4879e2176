/** Agents for which a policy can be put into their own settings. */
export const COMPILED_AGENTS = ['claude-code', 'codex'] as const;
export type CompiledAgent = (typeof COMPILED_AGENTS)[number];

/** A policy in the words of one agent. */
export interface CompiledPolicy {
  /** What to write, by paths relative to the workspace. */
  files: { path: string; text: string }[];
  /** What the agent does not hold itself to, rule by rule. */
  unenforced: UnenforcedRule[];
  /** Where its settings are stricter than the policy, and what else a person should know. One sentence each. */
  notes: string[];
}

export interface UnenforcedRule {
  /** Full id. */
  rule: string;
  /** `file:line:column`. */
  at: string;
  /**
   * `settings`: its settings alone do not enforce this, the hook that asks Signalbox does. `agent`: nothing in the agent
   * does, and only a sandbox or the check of the changes holds it to the rule.
   */
  level: 'settings' | 'agent';
  /** One sentence. */
  why: string;
}

export interface CompileOptions {
  /** The program that claude runs before each tool call, with its arguments; it answers by the policy. */
  hookCommand: readonly string[];
  /** Milliseconds since the epoch; rules that have expired by then are left out. Unless given, none has. */
  now?: number;
}
