import type * as z from 'zod';

const TYPES: Readonly<Record<string, string>> = {
  ...{ string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', null: 'null' },
  ...{ array: 'a list', object: 'a mapping of names to values', record: 'a mapping of names to values' },
};

const SIZES: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

/** What a schema has against a value, in words and without where: "must be a list, not a text". `root`: all that was checked. */
export function describeIssue(issue: z.core.$ZodIssue, root: unknown): string {
  const found = valueAt(root, issue.path);
  if (found === undefined && issue.code !== 'custom') return 'it is missing';
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${issue.keys.map((key) => `"${key}"`).join(', ')} ${issue.keys.length === 1 ? 'is' : 'are'} not known here`;
    case 'invalid_type': {
      const wanted = TYPES[issue.expected] ?? issue.expected;
      const type = typeOf(found);
      return `must be ${wanted}${TYPES[type] === wanted ? '' : `, not ${TYPES[type] ?? type}`}`;
    }
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}, not ${shown(found)}`;
    case 'too_small':
      if (issue.minimum === 1 && issue.origin in SIZES) return 'must not be empty';
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${SIZES[issue.origin] ?? ''}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${SIZES[issue.origin] ?? ''}`;
    case 'invalid_format':
      if (issue.format === 'datetime') return 'must be a time such as 2026-12-31T09:00:00Z';
      return issue.message;
    case 'invalid_union':
      return issue.message === 'Invalid input' ? 'has none of the forms that it can have' : issue.message;
    default:
      return issue.message;
  }
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 80)}"`;
  return typeof value === 'object' && value !== null ? (TYPES[typeOf(value)] ?? '') : String(value);
}
