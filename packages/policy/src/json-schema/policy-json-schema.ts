import type { Json, JsonObject } from '@signalbox/kernel';
import * as z from 'zod';
import { policyFile } from '../file/schema.js';
import { DESCRIPTIONS } from './descriptions.js';
import { listSettings, STRICT_PARTS } from './strict-parts.js';

/**
 * The schema of a policy file for editors (JSON Schema 2020-12). It accepts every file that loads, and names what it can of
 * what does not; conditions, ids that occur twice and tests are for `checkPolicy` alone.
 */
export function policyJsonSchema(): JsonObject {
  const generated = z.toJSONSchema(policyFile, { io: 'input', target: 'draft-2020-12' }) as JsonObject;
  const described = describe(generated, '') as JsonObject;
  const properties = described['properties'] as JsonObject;
  const settings = listSettings(properties['settings'] as JsonObject);
  return { ...described, title: 'Signalbox policy', properties: { ...properties, settings } };
}

/** Adds to every part what the tables say about its path. */
function describe(schema: Json, path: string): Json {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema;
  const result: JsonObject = { ...schema };
  const { properties, items, additionalProperties } = schema;
  if (isObject(properties)) {
    const entries = Object.entries(properties);
    const below = (name: string): string => (path === '' ? name : `${path}.${name}`);
    result['properties'] = Object.fromEntries(entries.map(([name, part]) => [name, describe(part, below(name))]));
  }
  if (isObject(items)) result['items'] = describe(items, `${path}[]`);
  if (isObject(additionalProperties)) result['additionalProperties'] = describe(additionalProperties, `${path}.*`);
  const description = DESCRIPTIONS[path];
  const strict = STRICT_PARTS[path];
  if (strict && 'oneOf' in strict) return { ...strict };
  return { ...result, ...(description === undefined ? {} : { description }), ...strict };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
