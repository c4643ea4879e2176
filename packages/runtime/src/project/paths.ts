import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { SignalboxHome } from './home.js';

/** Every place of a project, from its root. All absolute. */
export interface ProjectPaths {
  root: string;
  home: SignalboxHome;
  /** `.ai/`: what a team commits. */
  ai: string;
  config: string;
  policy: string;
  /** The public key of the ledger, for whoever verifies an export. */
  publicKey: string;
  /** `.ai/state/`: ignored by git. */
  state: string;
  database: string;
  blobs: string;
  traces: string;
  /** Old entries of the ledger that were moved out of the database. */
  segments: string;
  /** The private keys, the present one and those before it. */
  keys: string;
  signingKey: string;
  /** Where backups go that are given no other place; it keeps itself out of git. */
  backups: string;
  /** Held while git's own files are changed in ways that git does not guard. */
  gitLock: string;
  globalPolicy: string;
  trust: string;
  /** This project's part of the cache. */
  cache: string;
  worktrees: string;
  scratch: string;
  /** What agents need to go on with a session: a folder for each task, and in it one for each AI. */
  sessions: string;
}

/** `state` is for a copy of the state that lies elsewhere. */
export function projectPaths(root: string, home: SignalboxHome, state = join(root, '.ai', 'state')): ProjectPaths {
  const ai = join(root, '.ai');
  const cache = join(home.cache, `${basename(root)}-${createHash('sha256').update(root).digest('hex').slice(0, 10)}`);
  return {
    root,
    home,
    ai,
    config: join(ai, 'config.yaml'),
    policy: join(ai, 'policy.yaml'),
    publicKey: join(ai, 'ledger.pub'),
    state,
    database: join(state, 'signalbox.db'),
    blobs: join(state, 'blobs'),
    traces: join(state, 'traces'),
    segments: join(state, 'segments'),
    keys: join(state, 'keys'),
    signingKey: join(state, 'keys', 'ledger.pem'),
    backups: join(ai, 'backups'),
    gitLock: join(state, 'git.lock.db'),
    globalPolicy: join(home.config, 'policy.yaml'),
    trust: join(home.config, 'trust.json'),
    cache,
    worktrees: join(cache, 'worktrees'),
    scratch: join(cache, 'scratch'),
    sessions: join(cache, 'sessions'),
  };
}

/** The policy file of one AI. */
export function aiPolicyPath(paths: ProjectPaths, ai: string): string {
  return join(paths.ai, 'policy', `${ai}.yaml`);
}
