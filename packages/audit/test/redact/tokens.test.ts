import { describe, expect, it } from '@jest/globals';
import { createRedactor, redactText } from '../../src/index.js';

// Beginning and rest apart, so that no scanner takes this file for a leak.
const RANDOM = 'x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIiB5nV';
const HEX = '0123456789abcdef'.repeat(4);
const BEGINNINGS: [start: string, rest: string][] = [
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'].map((start): [string, string] => [start, RANDOM]),
  ['ghs_', `1234567_${RANDOM}.${RANDOM}`],
  ...['glpat-', 'sk-ant-', 'sk-', 'ya29.', 'npm_', 'hf_', 'gsk_', 'xai-', 'hvs.', 'ntn_', 'lin_api_', 'dckr_pat_'].map(
    (start): [string, string] => [start, RANDOM],
  ),
  ['AIza', RANDOM],
  ['SG.', `${RANDOM.slice(0, 22)}.${RANDOM}xyz`],
  ['dop_v1_', HEX],
  ...['shpat_', 'shpca_', 'shppa_', 'shpss_'].map((start): [string, string] => [start, HEX.slice(0, 32)]),
  ['pypi-', `${RANDOM}${RANDOM}`],
  ['AGE-SECRET-KEY-1', HEX.slice(0, 58).toUpperCase()],
  ['glsa_', `${RANDOM.slice(0, 32)}_${HEX.slice(0, 8)}`],
  ['r8_', RANDOM.slice(0, 37)],
  ...['xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-', 'xapp-1-'].map((start): [string, string] => [
    start,
    '123456789012-abcdefgh',
  ]),
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'].map((start): [string, string] => [start, RANDOM]),
  ['AKIA', 'IOSFODNN7EXAMPLE'],
  ['ASIA', 'IOSFODNN7EXAMPLE'],
];

describe('a token of a known shape', () => {
  it.each(BEGINNINGS)('that begins with %s is replaced whole', (start, rest) => {
    for (const text of [`use ${start}${rest} now`, `"${start}${rest}"`, `${start}${rest}`]) {
      const redacted = redactText(text);
      expect(redacted).toContain('[redacted:');
      expect(redacted).not.toContain(rest.slice(0, 12));
    }
  });

  it('is found each time, however often the same short text has come, clean or not', () => {
    const redactor = createRedactor({ secrets: ['opensesame'] });
    for (let n = 0; n < 3; n++) {
      expect(redactor.text('src/index.ts')).toBe('src/index.ts');
      expect(redactor.text(`glpat-${RANDOM}`)).toMatch(/^\[redacted:gitlab-token:/);
      expect(redactor.json({ opensesame: 'opensesame', plain: ['src/index.ts'] })).toEqual({
        '[redacted:known-secret:00000000]': '[redacted:known-secret:00000000]',
        plain: ['src/index.ts'],
      });
    }
    // More different texts than are kept, and those before still stand as they were.
    for (let n = 0; n < 5_000; n++) redactor.text(`file-${n}`);
    expect(redactor.text('opensesame')).toBe('[redacted:known-secret:00000000]');
  });
});
