import type { JsonObject } from '@signalbox/kernel';
import { Ajv, type ErrorObject } from 'ajv';

/** All problems of `value` by a JSON Schema (draft 7). */
export function checkAgainstSchema(schema: JsonObject, value: JsonObject): string[] {
  const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false }).compile(schema);
  validate(value);
  return (validate.errors ?? []).map(sentence);
}

function sentence({ instancePath, message = 'is not valid', params }: ErrorObject): string {
  const where = instancePath === '' ? 'The configuration' : `"${instancePath.slice(1).replaceAll('/', '.')}"`;
  const extra = params['additionalProperty'];
  if (typeof extra === 'string') return `${where} has an unknown member "${extra}".`;
  return `${where} ${message}.`;
}
