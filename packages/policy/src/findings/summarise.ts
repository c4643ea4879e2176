import type { FindingsReport } from './finding.js';

const NAMED = 3;

/** One line about rules that never decide, for whoever loads a policy; `null` if there are none. */
export function summariseFindings({ findings }: Pick<FindingsReport, 'findings'>): string | null {
  const idle = findings.filter(
    ({ severity, kind }) => severity === 'error' && kind !== 'gap' && kind !== 'unanswerable',
  );
  if (idle.length === 0) return null;
  const files = [...new Set(idle.map(({ at }) => at[0]?.replace(/:\d+:\d+$/, '') ?? ''))];
  const names = idle.slice(0, NAMED).map(({ rules }) => rules[0]);
  const more = idle.length > NAMED ? ` and ${idle.length - NAMED} more` : '';
  const counted = idle.length === 1 ? '1 rule' : `${idle.length} rules`;
  const verb = idle.length === 1 ? 'decides' : 'decide';
  return `${counted} of ${files.join(' and ')} never ${verb} (${names.join(', ')}${more}); see \`signalbox policy check\`.`;
}
