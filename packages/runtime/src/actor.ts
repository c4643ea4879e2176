import { userInfo } from 'node:os';

/** Who acts. Written `user:<login>`, `ai:<id>`, `workflow:<run>` or `system`. */
export interface Actor {
  kind: 'user' | 'ai' | 'workflow' | 'system';
  id: string;
}

export const SYSTEM: Actor = { kind: 'system', id: 'signalbox' };

export function actorName(actor: Actor): string {
  return actor.kind === 'system' ? 'system' : `${actor.kind}:${actor.id}`;
}

/**
 * Who runs this process: the user, unless the process or one of its ancestors was started for an attempt. An agent is not
 * its user, also when it calls our own command line.
 */
export function currentActor(marker: { ai: string } | null): Actor {
  return marker ? { kind: 'ai', id: marker.ai || 'unknown' } : { kind: 'user', id: userInfo().username };
}
