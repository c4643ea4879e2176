import { type CelInput, CelScalar, celEnv, celMethod, isCelError, parse, plan } from '@bufbuild/cel';
import { checkGlob, matchesGlob, parseGlob } from '../../../src/glob/index.js';
import type { Oracle } from '../cel.js';

const glob = celMethod('glob', CelScalar.STRING, [CelScalar.STRING], CelScalar.BOOL, function (pattern) {
  if (checkGlob(pattern) !== null) throw new Error('the pattern is not valid');
  return matchesGlob(parseGlob(pattern), String(this));
});

const env = celEnv({ funcs: [glob] });

/** A whole number is an int of CEL (a JavaScript number would be a double), a set a list, a group or a map a map. */
function asCel(value: unknown): CelInput {
  if (typeof value === 'number') return BigInt(value);
  if (Array.isArray(value)) return value.map(asCel);
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, item]) => [key, asCel(item)]));
  }
  return value as boolean | string;
}

export const oracle: Oracle = {
  name: '@bufbuild/cel',
  evaluate: (source, _tree, environment) => {
    // Outside of what is caught: a source that it cannot read is no agreement on an error.
    const run = plan(env, parse(source));
    const bindings = Object.fromEntries(Object.entries(environment).map(([key, item]) => [key, asCel(item)]));
    const result = run(bindings);
    if (isCelError(result)) return 'error';
    if (typeof result !== 'boolean') throw new Error(`${source} is ${String(result)}`);
    return result;
  },
};
