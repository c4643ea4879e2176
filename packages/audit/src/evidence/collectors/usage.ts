import { canonicalJson, type JsonObject } from '@signalbox/kernel';
import * as z from 'zod';
import { type EvidenceOrigin, gradeOf } from '../assess-report.js';
import { draftEvidence, type EvidenceCollector } from '../collector.js';
import { failed } from './failed.js';

const count = z.int().nonnegative().optional();
const Usage = z.strictObject({
  model: z.string().min(1).max(200).optional(),
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  turns: count,
  /** US dollars. */
  costUsd: z.number().nonnegative().optional(),
  /** Milliseconds. */
  durationMs: z.number().nonnegative().optional(),
});

/** What an attempt used. Whatever is not known is left out: it is not zero. */
export type Usage = z.infer<typeof Usage>;

export interface UsageCollectorOptions {
  usage: Usage;
  /** Default: `agent`, since the agent's own program counts. `watched` for what passed through a gateway of ours. */
  origin?: Exclude<EvidenceOrigin, 'own-run'>;
}

/** Keeps what an attempt cost. Throws `COLLECT_FAILED` for a number that is negative, not finite, or of an unknown name. */
export function createUsageCollector({ usage, origin = 'agent' }: UsageCollectorOptions): EvidenceCollector {
  const self = { id: 'signalbox/usage', kind: 'usage' };
  return {
    ...self,
    async collect(context) {
      const parsed = Usage.safeParse(usage);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw failed(
          `The usage is not one at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? 'invalid'}`,
          'Leave out what is not known, and give counts as whole numbers.',
        );
      }
      const known: JsonObject = {};
      for (const [name, value] of Object.entries(parsed.data)) if (value !== undefined) known[name] = value;
      if (Object.keys(known).length === 0) return [];
      const content = canonicalJson(known);
      return [await draftEvidence(self, context, { content, grade: gradeOf(origin), tree: null, summary: known })];
    },
  };
}
