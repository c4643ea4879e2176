import { suggestName } from '@signalbox/rules';
import type { KeyPath, PolicyDocument } from './document.js';
import type { RuleEntry } from './schema.js';

export type ObligationKind = 'sandbox' | 'evidence' | 'approval' | 'reviewer' | 'budget';

/** How strictly an agent's processes are held, from not at all. */
export const SANDBOX_MODES = ['none', 'workspace-write', 'read-only'] as const;
export type SandboxMode = (typeof SANDBOX_MODES)[number];

/** What a rule demands besides what it decides. */
export interface Obligation {
  readonly kind: ObligationKind;
  /**
   * `sandbox`: the least strict mode that will do. `evidence`: a kind. `approval`: `user` or `user:<login>`. `reviewer`:
   * `not-author`. `budget`: as {@link parseBudget} reads it.
   */
  readonly want: string;
}

/** What each kind accepts; `null` means that the text is fine, else the rest of "… is". */
const ACCEPTS: Record<ObligationKind, (want: string) => string | null> = {
  sandbox: (want) => (isSandboxMode(want) ? null : `one of ${SANDBOX_MODES.join(', ')}`),
  evidence: (want) => (want.trim() === '' ? 'a kind of evidence, such as test-report' : null),
  approval: (want) => (/^user(?::\S+)?$/.test(want) ? null : '"user" or "user:<login>"'),
  reviewer: (want) => (want === 'not-author' ? null : '"not-author"'),
  budget: (want) => (parseBudget(want) ? null : 'an amount such as "2 USD", "0.50 USD" or "100000 tokens"'),
};

const PROVABLE = ['shell.run', 'file.read', 'file.write', 'net.fetch', 'tool.call', 'task.complete', 'task.land'];
/** Where nobody could be asked without being asked about that answer. */
const UNASKABLE = ['approval.answer', 'policy.override'];

/** On which actions somebody sees to each kind; elsewhere it would be a promise that nobody keeps. */
const SEEN_TO: Record<ObligationKind, { on(action: string): boolean; where: string }> = {
  sandbox: { on: () => true, where: 'everywhere' },
  evidence: {
    on: (action) => PROVABLE.includes(action),
    where: 'on shell.run, file.*, net.fetch, tool.call, task.complete and task.land',
  },
  approval: { on: (action) => !UNASKABLE.includes(action), where: `everywhere but on ${UNASKABLE.join(' and ')}` },
  reviewer: { on: (action) => !UNASKABLE.includes(action), where: `everywhere but on ${UNASKABLE.join(' and ')}` },
  budget: { on: (action) => action === 'task.execute', where: 'on task.execute' },
};

export const OBLIGATION_KINDS: readonly string[] = Object.keys(ACCEPTS);

export function isSandboxMode(text: unknown): text is SandboxMode {
  return SANDBOX_MODES.includes(text as SandboxMode);
}

/** Reads `"2 USD"`, `"0.50 USD"` (up to six decimals) or `"100000 tokens"`; `null` for anything else and for nothing. */
export function parseBudget(text: string): { usd: number } | { tokens: number } | null {
  const usd = /^(\d{1,9}(?:\.\d{1,6})?) USD$/.exec(text)?.[1];
  if (usd !== undefined) return Number(usd) > 0 ? { usd: Number(usd) } : null;
  const tokens = /^(\d{1,15}) tokens$/.exec(text)?.[1];
  return Number(tokens) > 0 ? { tokens: Number(tokens) } : null;
}

/**
 * Compiles the obligations of one rule; what is wrong with them is reported to the document. `actions`: all that the rule is
 * on, groups taken apart.
 */
export function compileObligations(
  document: PolicyDocument,
  path: KeyPath,
  entry: RuleEntry,
  actions: readonly string[],
): Obligation[] {
  if (entry.effect === 'deny' && entry.obligations.length > 0) {
    document.report('POLICY_SCHEMA', [...path, 'obligations'], 'Nothing follows a deny, so it can oblige to nothing.');
  }
  return entry.obligations.flatMap((obligation, index) => {
    const at = [...path, 'obligations', index];
    const entries = Object.entries(obligation);
    if (entries.length !== 1) {
      document.report('POLICY_SCHEMA', at, 'An obligation is one pair, such as { evidence: test-report }.');
    }
    return entries.flatMap(([kind, want]) => compileObligation(document, at, { kind, want }, actions) ?? []);
  });
}

function compileObligation(
  document: PolicyDocument,
  at: KeyPath,
  { kind, want }: { kind: string; want: string },
  actions: readonly string[],
): Obligation | null {
  if (!isKind(kind)) {
    const near = suggestName(kind, OBLIGATION_KINDS);
    const advice = near ? `Did you mean "${near}"?` : `These are: ${OBLIGATION_KINDS.join(', ')}.`;
    document.report('POLICY_SCHEMA', at, `"${kind}" is not an obligation. ${advice}`, { key: kind });
    return null;
  }
  const wanted = ACCEPTS[kind](want);
  if (wanted) {
    document.report('POLICY_SCHEMA', [...at, kind], `The obligation "${kind}" is ${wanted}, not "${want}".`);
    return null;
  }
  const { on, where } = SEEN_TO[kind];
  const beyond = actions.find((action) => !on(action));
  if (beyond !== undefined) {
    const message = `Nobody sees to "${kind}" on ${beyond}, which this rule is on; it is seen to ${where}.`;
    document.report('POLICY_SCHEMA', at, message, { key: kind });
  }
  return { kind, want };
}

function isKind(text: string): text is ObligationKind {
  return Object.hasOwn(ACCEPTS, text);
}
