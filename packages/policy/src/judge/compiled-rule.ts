import type { PolicyException, Rule } from '../file/layer.js';

/** A rule with what can be known of it before any request. */
export interface CompiledRule {
  readonly rule: Rule;
  /** Its place among all rules, which is the order of the record. */
  readonly position: number;
  readonly loosens: boolean;
  /** For the words of its command pattern, where there are many alternatives. */
  readonly alternatives: readonly (ReadonlySet<string> | null)[];
  /** The exceptions that it lets others grant. */
  readonly exceptions: readonly PolicyException[];
}
