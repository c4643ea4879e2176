import type { JsonObject } from '@signalbox/kernel';
import type { Effect } from './effect.js';
import type { SandboxMode } from './file/obligation.js';
import type { ObligationState } from './record.js';

export type SubjectKind = 'user' | 'ai' | 'workflow' | 'system';

/** What somebody wants to do, in the shape of AuthZEN: subject, action, resource, context. JSON throughout. */
export interface PolicyRequest {
  subject: { kind: SubjectKind; id: string; labels?: Record<string, string> };
  action: {
    /** `shell.run`, `file.write`, `task.create`, … */
    name: string;
    /** A line for a shell. */
    command?: string;
    /** An exact vector that no shell reads. */
    argv?: string[];
    /** Where the command runs; absolute or relative to the workspace. Default: the workspace. */
    cwd?: string;
    server?: string;
    tool?: string;
  };
  /** `path`, `host`, `port`, `priority`, …; `origin: 'user'` on a shell line that a user wrote as `--run` or `--check`. */
  resource: JsonObject;
  context: {
    /** `locks`: the globs the task may write to; absent or empty if it holds none and may write anywhere. */
    task?: { id: string; type: string; labels: Record<string, string>; locks?: string[] };
    attempt?: number;
    headless: boolean;
    ci: boolean;
    /** The sandbox that what is asked for would run in. Absent: `none`. Obligations are measured by it. */
    sandbox?: SandboxMode;
    /**
     * What the task has cost so far, in US dollars and in tokens. Absent: not known, and a budget is left to whoever
     * knows.
     */
    spent?: { usd?: number; tokens?: number };
    /**
     * What was decided about the request as it was asked, where something of it is withheld here because it is a secret and the
     * whole is judged more strictly, or obliges to more. The stricter counts. `rules`: full ids.
     */
    unredacted?: { decision: Effect; rules: string[]; obligations: ObligationState[] };
  };
}
