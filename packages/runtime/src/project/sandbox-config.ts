import * as z from 'zod';

const writablePath = z
  .string()
  .min(1)
  .refine((text) => text.startsWith('/') || text.startsWith('~/'), {
    message: 'begin with "/" or "~/": the folder of an attempt is writable anyway',
  })
  .refine((text) => !text.split('/').includes('..') && !text.includes('**'), {
    message: 'write the path without ".." and "**"; "*" stands for a part of one name',
  });

/** `sandbox:` of `.ai/config.yaml`. */
export const sandboxSchema = z
  .strictObject({
    /** `workspace-write`: no attempt runs without. */
    mode: z.enum(['none', 'workspace-write']).default('none'),
    /** What attempts may write to besides their own folders. */
    writable: z.array(writablePath).default([]),
    /** Whether set-up lines, checks and run lines have a network. An agent has, or it would not reach its provider. */
    network: z.boolean().default(true),
  })
  .default({ mode: 'none', writable: [], network: true });

export type SandboxConfig = z.infer<typeof sandboxSchema>;

/**
 * What holds of a text that nobody has agreed to, where `agreed` is the last that somebody did: a sandbox that either demands, with
 * nothing writable beyond what is needed.
 */
export function strictestSandbox(present: SandboxConfig, agreed: SandboxConfig | null): SandboxConfig {
  const demands = present.mode !== 'none' || (agreed !== null && agreed.mode !== 'none');
  const network = present.network && (agreed?.network ?? true);
  return { mode: demands ? 'workspace-write' : 'none', writable: [], network };
}
