import type { Failure } from '../contract.js';
import type { ExitStatus } from '../process/types.js';
import type { Findings } from './findings.js';

const QUOTED_CHARS = 2000;

/**
 * Judges a run that nobody stopped. Success needs every sign: a turn that was completed and none that failed, exit 0, and a
 * sandbox in which at least one of the commands and edits, if there were any, could work.
 */
export function judgeRun(exit: ExitStatus, findings: Findings, errorTail: string): Failure | null {
  if (findings.failure) return findings.failure;
  const tail = errorTail.trim().slice(-QUOTED_CHARS);
  const quoted = tail === '' ? '.' : `: ${tail}`;
  if (exit.code === null && exit.stopped === null) {
    return { class: 'crashed', message: `codex was killed by ${exit.signal}${quoted}` };
  }
  if (findings.turn !== 'completed') return judgeSilence(exit.code, findings, quoted);
  if (exit.code !== 0) {
    const message = `codex reported success without exit code 0 (it was ${exit.code ?? exit.signal})${quoted}`;
    return { class: 'invalid_output', message };
  }
  if (findings.sandboxFault === null) return null;
  const message = `codex could do nothing, because its sandbox does not work on this machine (${findings.sandboxFault}).`;
  return { class: 'agent_error', message };
}

function judgeSilence(code: number | null, { session }: Findings, quoted: string): Failure {
  // A wrong option or an unknown session: it says why on its error output and ends before its first line.
  if (session === null && code !== 0) {
    return { class: 'agent_error', message: `codex ended with exit code ${code} before it began${quoted}` };
  }
  return { class: 'invalid_output', message: `codex ended with exit code ${code} and no completed turn${quoted}` };
}
