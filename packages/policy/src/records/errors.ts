import { PolicyError } from '../errors.js';

export function noApproval(id: string): PolicyError {
  return new PolicyError({
    code: 'APPROVAL_NOT_FOUND',
    message: `There is no approval "${id}".`,
    hint: 'List them with `signalbox approval list --all`.',
  });
}

export function noOverride(id: string): PolicyError {
  return new PolicyError({
    code: 'OVERRIDE_NOT_FOUND',
    message: `There is no override "${id}".`,
    hint: 'List them with `signalbox policy override list --all`.',
  });
}

export function ambiguous(id: string, found: readonly string[]): PolicyError {
  return new PolicyError({
    code: 'AMBIGUOUS_ID',
    message: `"${id}" is the beginning of several ids: ${found.join(', ')}.`,
    hint: 'Give more of it.',
  });
}
