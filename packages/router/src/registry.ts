import type { Recorder } from '@signalbox/kernel';
import type { AIDraft, AIInstance, AIPatch } from './ai.js';
import type { ProbeFindings } from './probe.js';

export interface Pause {
  /** For whoever asks why it gets no work. */
  reason: string;
  /** When it ends by itself, in milliseconds since the epoch; absent or null: when somebody resumes it. */
  until?: number | null;
}

/**
 * Which AIs there are. Every change that takes a `record` commits what that returns in the same transaction, and calls it once,
 * also when the change makes no difference. What names an AI that is not there throws `AI_NOT_FOUND`.
 */
export interface AIRegistry {
  /** Throws `AI_EXISTS` for an id that is taken, `INVALID_AI` for a draft that is not valid. */
  register(draft: AIDraft, record: Recorder<AIInstance>): Promise<AIInstance>;
  /** Sorted by id. */
  list(): Promise<AIInstance[]>;
  get(id: string): Promise<AIInstance>;
  /** The full id of a unique beginning; an id that is there stands for itself. Throws `AI_NOT_FOUND`, `AMBIGUOUS_ID`. */
  resolve(prefix: string): Promise<string>;
  /** Adds or replaces labels; an empty value removes one. */
  label(id: string, labels: Record<string, string>, record: Recorder<AIInstance>): Promise<AIInstance>;
  /**
   * Replaces what the patch names. Another `config` makes what was probed, and what failed before, count no more. Throws
   * `INVALID_AI`.
   */
  update(id: string, patch: AIPatch, record: Recorder<AIInstance>): Promise<AIInstance>;
  /** Keeps work from it; replaces a pause that is there. Attempts under way go on. Throws `INVALID_AI` for an end that is no time. */
  pause(id: string, pause: Pause, record: Recorder<AIInstance>): Promise<AIInstance>;
  /** Ends its pause, if there is one, and makes what failed before count no more. */
  resume(id: string, record: Recorder<AIInstance>): Promise<AIInstance>;
  /** Forgets it; its id is free again. Whether it is at work is the caller's to know. Returns it as it was. */
  remove(id: string, record: Recorder<AIInstance>): Promise<AIInstance>;
  /** Keeps what a probe found, instead of what the one before did. Not recorded: it states what is, not what somebody did. */
  probed(id: string, findings: ProbeFindings): Promise<AIInstance>;
  /** Notes that an attempt of this AI starts now; does nothing if it is not there. Not recorded: the start of the attempt is. */
  touch(id: string): Promise<void>;
}
