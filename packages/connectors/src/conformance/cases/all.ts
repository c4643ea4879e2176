import type { CaseDefinition } from '../case.js';
import { ASKING } from './asking.js';
import { DECLARATION } from './declaration.js';
import { ENDING } from './ending.js';
import { FLOODING } from './flooding.js';
import { LEAVING } from './leaving.js';
import { PROBING } from './probing.js';
import { SIDE_BY_SIDE } from './side-by-side.js';
import { STOPPING } from './stopping.js';
import { TELLING } from './telling.js';

/** Every case, by what it is about. */
export const THEMES: Readonly<Record<string, readonly CaseDefinition[]>> = {
  'what a connector says of itself': DECLARATION,
  'its probe': PROBING,
  'its events': TELLING,
  'the end of a run': ENDING,
  'stopping a run': STOPPING,
  'what a run leaves and tells': LEAVING,
  'an agent that floods': FLOODING,
  permission: ASKING,
  'runs side by side': SIDE_BY_SIDE,
};
