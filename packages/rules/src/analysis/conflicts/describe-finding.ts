import type { Finding, WitnessRequest } from './finding.js';

/** A finding as one sentence, without where it stands and without its witness. */
export function describeFinding({ kind, rules }: Finding): string {
  const [rule = '', ...others] = rules.map((id) => `"${id}"`);
  const together = others.join(' and ');
  switch (kind) {
    case 'dead':
      return `${rule} can never match.`;
    case 'contradiction':
      return `${rule} and ${together} match the same requests with different effects, and ${together} is stricter.`;
    case 'shadowed':
      return `${rule} never decides: ${together} matches wherever it does and is stricter.`;
    case 'illegal-loosening':
      return `${rule} allows what ${together} of an upper layer forbids and does not let this layer override.`;
    case 'redundant':
      return together === ''
        ? `${rule} says no more than the default; removing it changes no decision.`
        : `${rule} is redundant: with ${together}, removing it changes no decision.`;
    case 'gap':
      return 'No rule is about this request, so the default decides.';
  }
}

/** A request in words: `file.write where resource.path is "src/a.ts" and resource.locks is empty`. */
export function describeWitness({ action, attributes }: WitnessRequest): string {
  const facts = [...factsOf(attributes, '')];
  return facts.length === 0 ? `any ${action}` : `${action} where ${facts.join(' and ')}`;
}

function* factsOf(attributes: object, prefix: string): Generator<string> {
  for (const [key, value] of Object.entries(attributes)) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (Array.isArray(value)) yield `${name} ${value.length === 0 ? 'is empty' : `is ${JSON.stringify(value)}`}`;
    else if (typeof value !== 'object' || value === null) yield `${name} is ${JSON.stringify(value)}`;
    else if (Object.keys(value).length === 0) yield `${name} is empty`;
    else yield* factsOf(value, name);
  }
}
