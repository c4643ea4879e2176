import { type EvidenceDraft, gradeOf, type ReportRun } from '@signalbox/audit';
import type { CollectContext, EvidenceCollector } from '@signalbox/audit/collectors';
import { isSignalboxError } from '@signalbox/kernel';
import { matchesGlob, parseGlob } from '@signalbox/rules/glob';
import type { EvidenceConfig } from '../project/evidence-config.js';
import type { ExecutorEnv } from './env.js';
import { isNoWork } from './listed-change.js';
import { type FoundFile, factsOf, findFiles } from './report-files.js';

export interface ExtraScope {
  /** The coverage files before the checks ran. */
  coverage: ReadonlyMap<string, FoundFile<EvidenceConfig['coverage'][number]['format']>>;
  /** From the start of the first check to the end of the last. */
  run: ReportRun;
  /** Copies of the user's own files: they are not kept. */
  copied: readonly string[];
  lastEditAt: number | null;
}

/**
 * Coverage reports, and the files that the project wants kept, as they are after the checks. What cannot be collected is kept
 * as a claim that says why; nothing of this speaks against the work by itself.
 */
export async function collectExtras(
  { collect }: Pick<ExecutorEnv, 'collect'>,
  context: CollectContext,
  { coverage: before, run, copied, lastEditAt }: ExtraScope,
): Promise<EvidenceDraft[]> {
  const drafts: EvidenceDraft[] = [];
  const { createCoverageCollector, createFilesCollector } = await import('@signalbox/audit/collectors');
  for (const { path, format } of (await findFiles(context.folder, collect.coverage)).values()) {
    const options = { format, path, before: factsOf(before.get(path)), run, lastEditAt };
    drafts.push(...(await collectOrSay(context, createCoverageCollector(options), path)));
  }
  if (collect.files.length > 0) {
    const globs = collect.files.map(parseGlob);
    const own = new Set(copied);
    const matches = (path: string): boolean => !own.has(path) && globs.some((glob) => matchesGlob(glob, path));
    const collector = createFilesCollector({ matches, skip: isNoWork });
    drafts.push(...(await collectOrSay(context, collector, collect.files.join(', '))));
  }
  return drafts;
}

async function collectOrSay(
  context: CollectContext,
  collector: EvidenceCollector,
  path: string,
): Promise<EvidenceDraft[]> {
  try {
    return await collector.collect(context);
  } catch (error) {
    if (!isSignalboxError(error) || !(error.code === 'COLLECT_FAILED' || error.code.startsWith('REPORT_'))) throw error;
    const { draftEvidence } = await import('@signalbox/audit/collectors');
    const doubts = [{ code: error.code, message: error.message }];
    const summary = { path, counts: false, doubts };
    const about = { content: `${error.message}\n`, grade: gradeOf('watched', doubts), tree: context.tree, summary };
    return [await draftEvidence(collector, context, about)];
  }
}
