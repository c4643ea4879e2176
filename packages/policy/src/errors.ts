import { SignalboxError } from '@signalbox/kernel';

export type PolicyErrorCode = 'REQUEST_INVALID' | 'APPROVAL_NOT_FOUND' | 'OVERRIDE_NOT_FOUND' | 'AMBIGUOUS_ID';

/** The one error of this package. A bad policy file is not an error but a decision: everything is denied. */
export class PolicyError extends SignalboxError<PolicyErrorCode> {}
