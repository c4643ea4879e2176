import type { LayerSource } from './file/layer.js';
import type { PolicyProblem } from './file/problem.js';
import { loadLayer } from './load.js';

/** Every problem of one file: YAML, schema, expressions and failing tests, by line. Trust does not matter here. */
export function checkPolicy(source: LayerSource): PolicyProblem[] {
  const { problems } = loadLayer({ ...source, trusted: true });
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}
