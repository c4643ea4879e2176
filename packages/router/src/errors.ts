import { SignalboxError } from '@signalbox/kernel';

export type RouterErrorCode = 'AI_EXISTS' | 'AI_NOT_FOUND' | 'AMBIGUOUS_ID' | 'INVALID_AI';

export class RouterError extends SignalboxError<RouterErrorCode> {}

export function invalidAI(what: string, hint: string): RouterError {
  return new RouterError({ code: 'INVALID_AI', message: `${what}.`, hint });
}

export function aiExists(id: string): RouterError {
  return new RouterError({
    code: 'AI_EXISTS',
    message: `There is an AI "${id}" already.`,
    hint: `Choose another id, or change it with \`signalbox ai update ${id}\` or \`signalbox ai label ${id}\`.`,
  });
}

export function aiNotFound(id: string): RouterError {
  return new RouterError({
    code: 'AI_NOT_FOUND',
    message: `There is no AI "${id}".`,
    hint: 'List them with `signalbox ai list`, or register it with `signalbox ai register`.',
  });
}

export function ambiguousId(prefix: string, matches: readonly string[]): RouterError {
  return new RouterError({
    code: 'AMBIGUOUS_ID',
    message: `More than one AI's id begins with "${prefix}".`,
    hint: `Give more of the id; it begins ${matches.join(', ')}, for example.`,
    details: { matches: [...matches] },
  });
}
