import type { PolicyOverride } from '../file/override.js';

/** An override as it is kept. */
export interface StoredOverride extends PolicyOverride {
  /** Who took it back, and when (ISO 8601); null while it stands. */
  revoked: { by: string; at: string } | null;
}

export type OverrideDraft = Omit<PolicyOverride, 'id' | 'createdAt'>;

/** Whether it counts at `now` (milliseconds since the epoch). */
export function isActive(override: StoredOverride, now: number): boolean {
  return override.revoked === null && (override.expiresAt === null || now < Date.parse(override.expiresAt));
}

/** As policy takes it. */
export function toPolicyOverride({ revoked: _revoked, ...override }: StoredOverride): PolicyOverride {
  return override;
}
