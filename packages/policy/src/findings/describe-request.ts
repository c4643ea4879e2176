import { describeWitness } from '@signalbox/rules/analysis';
import type { PolicyRequest } from '../request.js';

/** A request in words: `file.write where subject.kind is "ai" and resource.path is "src/a.ts"`. */
export function describeRequest({ subject, action, resource, context }: PolicyRequest): string {
  const { name, ...rest } = action;
  const { sandbox: _assumed, ...seen } = context;
  const attributes = Object.entries({ subject, action: rest, resource, context: seen });
  const given = attributes.filter(([, group]) => Object.keys(group).length > 0);
  return describeWitness({ action: name, attributes: Object.fromEntries(given) });
}
