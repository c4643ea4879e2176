import { parseGlob } from '@signalbox/rules/glob';
import * as z from 'zod';

/** Bytes of all evidence of one attempt, unless the project says otherwise. */
const MAX_BYTES = 256 * 1024 * 1024;
const LEAST_BYTES = 64 * 1024;
const MOST_BYTES = 16 * 1024 * 1024 * 1024;

const paths = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    const fault = faultOf(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

/** `evidence:` of `.ai/config.yaml`. All paths are globs, relative to the root of the project, with slashes. */
export const evidenceSchema = z
  .strictObject({
    /** Test reports that checks write. */
    reports: z
      .array(z.strictObject({ format: z.enum(['junit', 'tap', 'ctrf', 'jest-json']), path: paths }))
      .default([]),
    coverage: z.array(z.strictObject({ format: z.enum(['istanbul-summary', 'lcov']), path: paths })).default([]),
    /** Other files to keep, as they are after the checks. */
    files: z.array(paths).default([]),
    /** Bytes of all evidence of one attempt. */
    maxBytes: z.int().min(LEAST_BYTES).max(MOST_BYTES).default(MAX_BYTES),
  })
  .default({ reports: [], coverage: [], files: [], maxBytes: MAX_BYTES });

export type EvidenceConfig = z.infer<typeof evidenceSchema>;

/** What is wrong with a glob; null if nothing is. */
function faultOf(text: string): string | null {
  if (text.startsWith('/') || text.split('/').includes('..')) {
    return 'name files below the project, by a path that is relative to its root';
  }
  try {
    parseGlob(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
  }
}
