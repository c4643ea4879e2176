import { parseAI } from '@signalbox/router';

/** Refuses what is no id of an AI, registered or not, before it becomes a part of a path. Throws `INVALID_AI`. */
export function requireAIId(id: string): string {
  return parseAI({ id, connector: 'any' }, '').id;
}
