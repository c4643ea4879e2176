import { SignalboxError } from '@signalbox/kernel';

export type ConnectorErrorCode = 'SPAWN_FAILED' | 'RUNNER_CLOSED' | 'INVALID_MARKER' | 'SUPERVISOR_MISSING';

/** The one error class of this package. */
export class ConnectorError extends SignalboxError<ConnectorErrorCode> {}
