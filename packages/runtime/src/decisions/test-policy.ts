import { checkPolicy, type LayerSource, loadLayer, type PolicyProblem } from '@signalbox/policy';

/** Runs the tests that a policy file carries: how many there are, and what is wrong with the file or with one of them. */
export function testPolicy(source: LayerSource): { tests: number; problems: PolicyProblem[] } {
  return { tests: loadLayer(source).tests.length, problems: checkPolicy(source) };
}
