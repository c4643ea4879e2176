import type { AgentEvent, FailureClass, Usage } from '../../contract.js';
import { show } from '../violation.js';

const CLASSES: Record<FailureClass, true> = {
  transient: true,
  rate_limited: true,
  auth: true,
  agent_error: true,
  invalid_output: true,
  timeout: true,
  stalled: true,
  cancelled: true,
  policy_denied: true,
  lease_lost: true,
  checks_failed: true,
  crashed: true,
};

type Check = readonly [member: string, isFine: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === 'string';
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const orAbsent =
  (check: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || check(value);

const FORMS: Record<AgentEvent['type'], readonly Check[]> = {
  started: [
    ['session', orAbsent(isText)],
    ['model', orAbsent(isText)],
    ['version', orAbsent(isText)],
  ],
  text: [['text', isText]],
  tool: [
    ['id', isText],
    ['name', isText],
    ['phase', (value) => value === 'call' || value === 'result'],
    ['input', orAbsent(isObject)],
    ['error', orAbsent((value) => typeof value === 'boolean')],
  ],
  waiting: [
    ['reason', isText],
    ['untilMs', orAbsent(isNumber)],
  ],
  usage: [['usage', isObject]],
  result: [
    ['failure', (value) => value === null || isFailure(value)],
    ['exitCode', (value) => value === null || Number.isInteger(value)],
    ['usage', isObject],
    ['session', orAbsent(isText)],
    ['summary', isText],
  ],
};

function isFailure(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { class: name, message, resumeAt } = value as Record<string, unknown>;
  if (typeof name !== 'string' || !Object.hasOwn(CLASSES, name) || typeof message !== 'string' || message === '')
    return false;
  // Given by the caller's own verdict, never by a connector.
  if (name === 'checks_failed') return false;
  return resumeAt === undefined || (name === 'rate_limited' && isNumber(resumeAt));
}

/** What is wrong with the form of an event, each as one sentence. */
export function checkEvent(event: AgentEvent): string[] {
  const { type } = event ?? {};
  if (!isText(type) || !Object.hasOwn(FORMS, type)) return [`There is no event like ${show(event)}.`];
  return FORMS[type]
    .filter(([member, isFine]) => !isFine((event as Record<string, unknown>)[member]))
    .map(([member]) => `The event \`${type}\` has a wrong "${member}": ${show(event)}.`);
}

/** What is wrong with a report of usage. */
export function checkUsage(usage: Usage): string[] {
  return Object.entries(usage)
    .filter(([, value]) => !isNumber(value) || value < 0)
    .map(([name, value]) => `The usage has ${name} = ${String(value)}, which is no count.`);
}
