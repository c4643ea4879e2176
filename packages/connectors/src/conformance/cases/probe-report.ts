import { isAbsolute } from 'node:path';
import type { ProbeReport } from '../../contract.js';

const LOGINS = ['ready', 'missing', 'unknown', 'not-needed'];

/** What is wrong with the form of a report, each as one sentence. */
export function checkReport(report: ProbeReport): string[] {
  if (typeof report !== 'object' || report === null) return ['The probe gave no report.'];
  const { installed, program, version, login, capabilities, sandbox, problems } = report;
  const wrong: string[] = [];
  if (typeof installed !== 'boolean') wrong.push('"installed" must be true or false.');
  if (program !== undefined && !isAbsolute(String(program))) wrong.push('"program" must be an absolute path.');
  if (version !== undefined && (typeof version !== 'string' || version === '')) wrong.push('"version" must be a text.');
  if (!LOGINS.includes(login)) wrong.push(`"login" must be one of ${LOGINS.join(', ')}.`);
  for (const name of ['approvals', 'resume', 'usage', 'prompts'] as const) {
    if (typeof capabilities?.[name] !== 'boolean') wrong.push(`"capabilities.${name}" must be true or false.`);
  }
  if (sandbox !== undefined && !['workspace-write', 'read-only'].includes(sandbox)) {
    wrong.push('"sandbox" must be "workspace-write" or "read-only", or not be there.');
  }
  if (!Array.isArray(problems)) return [...wrong, '"problems" must be a list.'];
  const isText = (text: unknown): boolean => typeof text === 'string' && text !== '';
  if (!problems.every((problem) => isText(problem?.message) && isText(problem?.hint))) {
    wrong.push('Each of "problems" needs a message and a hint.');
  }
  if (installed === false && problems.length === 0) wrong.push('What is not installed needs a problem that says so.');
  return wrong;
}
