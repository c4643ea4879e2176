import * as z from 'zod';

const FULL_RULE_ID = /^(?:global|project|ai)\/.+$/;

/** One override: what a user lets through for a while although a rule denies it or asks. JSON throughout. */
export const overrideEntry = z.strictObject({
  /** `ovr_…`. */
  id: z.string().min(1).max(200),
  /** The full id of the rule: `global/ask-installs`. */
  rule: z.string().regex(FULL_RULE_ID, 'Name the rule in full, such as global/ask-installs.'),
  /** What the rule then says; only something looser than it says itself has an effect. */
  effect: z.enum(['allow', 'ask']),
  /** Only for requests of this AI; `null`: of anybody. */
  ai: z.string().min(1).nullable(),
  /** Only for requests about this task (a full id); `null`: about any. */
  task: z.string().min(1).nullable(),
  /** Only for tasks with this label, as `key=value`; `null`: for any. */
  label: z
    .string()
    .regex(/^[^=]+=/, 'A label is written key=value.')
    .nullable(),
  reason: z.string(),
  /** Who granted it: `user:ana`. Nobody but a user can. */
  by: z.string().regex(/^user:.+/, 'Only a user grants an override.'),
  /** ISO 8601. */
  createdAt: z.string(),
  /** ISO 8601, the instant from which it does nothing; `null`: it holds until it is revoked. */
  expiresAt: z.string().nullable(),
});

export type PolicyOverride = z.infer<typeof overrideEntry>;

export const overrideList = z.array(overrideEntry);
