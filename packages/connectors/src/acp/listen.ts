import type { JsonObject } from '@signalbox/kernel';
import { objectAt, parseLine } from '../claude-code/json-access.js';
import type { RunIo } from '../contract.js';
import type { RunningProcess } from '../process/types.js';
import type { Link } from './link.js';

interface Listening {
  raw: RunIo['raw'];
  redact(text: string): string;
  onSign(): void;
  /** Takes an update of the session, without secrets. The next line is read when it is through. */
  onUpdate(update: JsonObject): Promise<void>;
}

/** Reads what the agent puts out, to the end. Gives how many of its lines were none of the protocol: they are passed over. */
export async function listen(child: RunningProcess, link: Link, listening: Listening): Promise<number> {
  let strange = 0;
  for await (const { stream, text } of child.lines()) {
    listening.raw(stream, text);
    if (stream !== 'out' || text.trim() === '') continue;
    const message = parseLine(text);
    if (message) listening.onSign();
    if (message?.['method'] === 'session/update') {
      const safe = listening.redact(text);
      const shown = safe === text ? message : parseLine(safe);
      await listening.onUpdate(objectAt(objectAt(shown, 'params'), 'update') ?? {});
    } else if (!message || !isPassedOn(message, link)) strange++;
  }
  return strange;
}

/** Notifications other than updates tell nothing that we need; they are none the less of the protocol. */
function isPassedOn(message: JsonObject, link: Link): boolean {
  const isNotification = typeof message['method'] === 'string' && message['id'] === undefined;
  return isNotification || link.receive(message);
}
