import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import {
  parseTestReport,
  type ReportLimits,
  type ReportSource,
  type TestReport,
  type TestReportFormat,
} from '../../src/evidence/collectors/index.js';

export const FIXTURES = join(import.meta.dirname, 'fixtures');
export const fixture = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');
export const figures = ({ tool, total, passed, failed, skipped }: TestReport): unknown[] => [
  tool,
  total,
  passed,
  failed,
  skipped,
];
export const codeOf = (
  source: ReportSource,
  format: TestReportFormat,
  limits?: Partial<ReportLimits>,
): Promise<string> =>
  parseTestReport(source, format, limits).then(
    ({ total }) => `read ${total}`,
    (error) => {
      if (typeof error.code !== 'string') throw error;
      expect(error.hint).toMatch(/\.$/);
      return error.code;
    },
  );

/** Cuts a text into chunks of a few bytes, through characters and lines. */
export async function* inChunks(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
