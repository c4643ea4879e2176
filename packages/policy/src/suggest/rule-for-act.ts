import { digestOf, type Json } from '@signalbox/kernel';
import { attributesOf } from '../attributes.js';
import type { PolicyRequest } from '../request.js';
import type { Act } from './act.js';

/** A rule as an entry of `rules:`, with what it would and would not match in words. */
export interface SuggestedRule {
  readonly entry: Readonly<Record<string, Json>>;
  readonly wouldMatch: string;
  readonly wouldNotMatch: string;
}

/** The narrowest rule that allows one act to the one who asked. */
export function ruleForAct(request: PolicyRequest, act: Act): SuggestedRule {
  const { subject } = request;
  const who = `by ${subject.kind}:${subject.id}`;
  const own = [equals('subject.kind', subject.kind), equals('subject.id', subject.id)];
  switch (act.kind) {
    case 'command': {
      const line = act.argv.map(quoted).join(' ');
      return {
        entry: entryFor(act.argv[0] ?? '', ['shell.run'], own, { command: { argv: [...act.argv] } }),
        wouldMatch: `${line}, ${who}, in any folder of the workspace`,
        wouldNotMatch: `${line} more, or any other words`,
      };
    }
    case 'file': {
      const [path = ''] = act.paths;
      const verb = act.action === 'file.write' ? 'a write to' : 'a read of';
      const named =
        act.paths.length === 1 ? equals('resource.path', path) : `resource.path in ${JSON.stringify(act.paths)}`;
      return {
        entry: entryFor(path, [act.action], [...own, named]),
        wouldMatch: `${verb} ${path}, ${who}`,
        wouldNotMatch: `${verb} ${path}.bak, or any other file`,
      };
    }
    case 'other':
      return ruleForOther(request, who, own);
  }
}

/** Every attribute of the action that has one value has to have that value. */
function ruleForOther(request: PolicyRequest, who: string, own: readonly string[]): SuggestedRule {
  const { name } = request.action;
  const values = Object.keys(attributesOf(name)).flatMap((attribute): [string, Json][] => {
    const [group, key = ''] = attribute.split('.');
    if (group !== 'action' && group !== 'resource') return [];
    const value = (request[group] as Record<string, Json | undefined>)[key];
    return typeof value === 'string' || typeof value === 'boolean' || Number.isInteger(value)
      ? [[attribute, value as Json]]
      : [];
  });
  const first = values.find(([, value]) => typeof value === 'string')?.[1];
  const what = values.map(([attribute, value]) => `${attribute.replace(/^\w+\./, '')} ${String(value)}`).join(', ');
  return {
    entry: entryFor(
      typeof first === 'string' ? first : name,
      [name],
      [...own, ...values.map((each) => equals(...each))],
    ),
    wouldMatch: what === '' ? `any ${name}, ${who}` : `${name} with ${what}, ${who}`,
    wouldNotMatch:
      what === '' ? `${name} by anybody else` : `${name} with any other ${values.at(-1)?.[0].replace(/^\w+\./, '')}`,
  };
}

function entryFor(
  about: string,
  on: readonly string[],
  conditions: readonly string[],
  rest: Readonly<Record<string, Json>> = {},
): Record<string, Json> {
  const when = conditions.join(' && ');
  const name = about
    .slice(about.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40);
  const mark = digestOf([...on, when, rest])
    .replace(/^.*:/, '')
    .slice(0, 8);
  return {
    id: `always-${name}-${mark}`.replace(/-{2,}/g, '-'),
    effect: 'allow',
    on: [...on],
    ...rest,
    when,
    reason: 'Approved for always',
  };
}

function equals(attribute: string, value: Json): string {
  return `${attribute} == ${JSON.stringify(value)}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word);
}
