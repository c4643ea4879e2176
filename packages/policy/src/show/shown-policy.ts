import type { Effect } from '../effect.js';
import type { LayerScope, LayerState } from '../file/layer.js';
import type { PolicyProblem } from '../file/problem.js';

/** A policy as plain JSON, with where each part of it comes from. */
export interface ShownPolicy {
  workspace: string;
  digest: string;
  /** False: a layer is not valid and everything is denied; `problems` says why. */
  valid: boolean;
  problems: PolicyProblem[];
  layers: ShownLayer[];
  default: ShownDefault;
  settings: ShownSetting[];
  rules: ShownRule[];
  exceptions: ShownException[];
  overrides: ShownException[];
  warnings: string[];
}

export interface ShownLayer {
  scope: LayerScope;
  path: string;
  state: LayerState;
  digest: string | null;
  /** How many rules of it count; of an untrusted file only those that tighten. */
  rules: number;
}

export interface ShownDefault {
  value: Effect;
  /** `built-in`: no layer names one. */
  from: LayerScope | 'built-in';
  /** The layers that say something else, or the same further down. */
  overruled: { from: LayerScope; value: Effect }[];
}

export interface ShownSetting {
  name: string;
  value: string | number;
  from: LayerScope;
  /** Values of other layers, and why each does not hold: `nearer`, or `locked` or `capped` by the layer `by`. */
  overruled: OverruledSetting[];
}

export interface OverruledSetting {
  from: LayerScope;
  value: string | number;
  why: 'nearer' | 'locked' | 'capped' | 'untrusted';
  by: LayerScope;
}

export interface ShownRule {
  id: string;
  layer: LayerScope;
  effect: Effect;
  on: string[];
  /** The command pattern as it is written in a file; `null` if there is none. */
  command: (string | string[])[] | null;
  when: string | null;
  unless: string | null;
  reason: string | null;
  mode: 'enforce' | 'audit';
  enforce: 'required' | 'best-effort';
  /** ISO 8601, the instant from which it does not match any more. */
  expiresAt: string | null;
  expired: boolean;
  overridableBy: string[];
  obligations: { kind: string; want: string }[];
  trusted: boolean;
  at: string;
}

export interface ShownException {
  rule: string;
  effect: 'allow' | 'ask';
  layer: LayerScope;
  when: string | null;
  /** For an override: the AI, task and label (`key=value`) that it is for; `null`: any. */
  only: { ai: string | null; task: string | null; label: string | null } | null;
  reason: string | null;
  by: string | null;
  expiresAt: string | null;
  /** Whether it can change a decision now, and for the AI that was asked about. */
  inEffect: boolean;
  /** One sentence; `null` if it is in effect. */
  why: string | null;
  at: string;
}
