import { checkGlob } from '@signalbox/rules/glob';
import * as z from 'zod';

/** How long the worktree of a task that failed or was cancelled is kept, unless the project says otherwise. */
const KEEP_MS = 7 * 24 * 60 * 60_000;
const UNITS = { m: 60_000, h: 60 * 60_000, d: 24 * 60 * 60_000 } as const;

const copyGlob = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    const fault = faultOf(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

const keep = z.string().transform((text, context) => {
  const [, count = '', unit = ''] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  if (count !== '') return Number(count) * UNITS[unit as keyof typeof UNITS];
  context.addIssue({ code: 'custom', message: 'write a number and m, h or d, such as 7d' });
  return z.NEVER;
});

const workspaceFields = z.strictObject({
  /** Shell lines run in each new worktree before the agent starts. */
  setup: z.array(z.string().min(1)).default([]),
  /** Globs, relative to the root: files of the user's checkout, not in git, that each new worktree gets a copy of. */
  copy: z.array(copyGlob).default([]),
  /** How many TCP ports each attempt gets. */
  ports: z.int().min(1).max(100).optional(),
  /** Variables for the agent, the set-up and the checks; a value may use `{{port}}`, `{{port2}}`, `{{task}}` and `{{workspace}}`. */
  env: z.record(z.string(), z.string()).default({}),
  /** Milliseconds; see `KEEP_MS`. */
  keep: keep.default(KEEP_MS),
});

/** What holds where nothing is said, and where what is said is not trusted. */
export const DEFAULT_WORKSPACE: WorkspaceConfig = { setup: [], copy: [], env: {}, keep: KEEP_MS };

/** `workspace:` of `.ai/config.yaml`. */
export const workspaceSchema = workspaceFields
  .superRefine(({ env, ports = 0 }, context) => {
    for (const [name, value] of Object.entries(env)) {
      const fault = nameFault(name) ?? placeholderFault(value, ports);
      if (fault !== null) context.addIssue({ code: 'custom', path: ['env', name], message: fault });
    }
  })
  .default(DEFAULT_WORKSPACE);

export type WorkspaceConfig = z.infer<typeof workspaceFields>;

function faultOf(text: string): string | null {
  const segments = text.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'name files below the project, by a path that is relative to its root';
  }
  if (segments[0] === '.ai' || segments.includes('.git')) return 'nothing of .ai or .git is copied';
  const fault = checkGlob(text);
  return fault === null ? null : `it is no glob: ${fault}`;
}

/** Ours say who works and where; to change them would let an agent pass for somebody else. */
function nameFault(name: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return 'that is no name of a variable';
  return name.startsWith('SIGNALBOX_') ? 'names that begin with SIGNALBOX_ are set by Signalbox' : null;
}

function placeholderFault(value: string, ports: number): string | null {
  for (const [whole, name = ''] of value.matchAll(/\{\{([^{}]*)\}\}/g)) {
    const port = /^port(\d*)$/.exec(name.trim())?.[1];
    if (port === undefined && name.trim() !== 'task' && name.trim() !== 'workspace') {
      return `${whole} is not known; there are {{port}}, {{port2}}, {{task}} and {{workspace}}`;
    }
    const number = port === undefined || port === '' ? 1 : Number(port);
    if (port !== undefined && (number < 1 || number > ports)) {
      return `${whole} needs \`ports:\` to be at least ${Math.max(1, number)}`;
    }
  }
  return null;
}
