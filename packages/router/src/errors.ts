import { SignalboxError } from '@signalbox/kernel';

export type RouterErrorCode = 'AI_EXISTS' | 'AI_NOT_FOUND' | 'INVALID_AI';

export class RouterError extends SignalboxError<RouterErrorCode> {}
