import { type LayerSource, loadPolicy } from '@signalbox/policy';
import { type Backtest, backtest } from '@signalbox/policy/replay';
import { policySources } from '../door/policy-files.js';
import { RuntimeError } from '../errors.js';
import type { ProjectStore } from '../project/open-store.js';
import { requireAIId } from './ai-id.js';
import { readDecisions, toRecord } from './find-decisions.js';

export interface BacktestRequest {
  /** The policy file that is thought of: it takes the place of the one of its scope. */
  candidate: Pick<LayerSource, 'scope' | 'path'> & { text: string };
  /** For a file of scope `ai`: whose it is. */
  ai: string | null;
  /** Milliseconds since the epoch. */
  since: number;
}

/** At most so many recorded decisions are judged again, the newest. */
const MOST = 100_000;

/**
 * Judges what was recorded again, with another policy file, each decision under the overrides of its time. Nothing is looked up on
 * this machine: where a decision would need what was not recorded, it is not known. Throws `POLICY_INVALID` for a file that is not
 * valid, `INVALID_AI`.
 */
export function backtestPolicy(store: ProjectStore, { candidate, ai, since }: BacktestRequest): Backtest {
  const { paths, clock, ledger, records } = store;
  if (ai !== null) requireAIId(ai);
  const replacing: LayerSource = { ...candidate, trusted: true };
  const sourcesFor = (subject: string | null): LayerSource[] => {
    const isFor = candidate.scope !== 'ai' || subject === ai;
    const others = policySources(paths, subject ?? undefined).filter(
      ({ scope }) => !isFor || scope !== candidate.scope,
    );
    return isFor ? [...others, replacing] : others;
  };
  const tried = loadPolicy(sourcesFor(ai), { now: clock.now(), workspace: paths.root, path: '' });
  const [problem] = tried.problems;
  if (problem) {
    throw new RuntimeError({
      code: 'POLICY_INVALID',
      message: `${problem.file}:${problem.line}:${problem.column} ${problem.message}`,
      hint: 'See every fault with `signalbox policy validate`.',
    });
  }
  const found = [];
  for (const entry of readDecisions({ ledger }, { since })) {
    if (found.length === MOST) break;
    found.push(toRecord(entry));
  }
  return backtest(
    found.reverse(),
    (workspace, subject, facts, overrides) => {
      const sources = [...sourcesFor(subject), ...(overrides ? [overrides] : [])];
      return loadPolicy(sources, { ...facts, now: clock.now(), workspace, path: '' });
    },
    (digest) => records.texts.get(digest),
  );
}
