import { ASKING } from './asking.js';
import { DECLARING } from './declaring.js';
import { LEAVING } from './leaving.js';
import type { Fixtures } from './parts.js';
import { STOPPING } from './stopping.js';
import { TELLING } from './telling.js';

/** Connectors that err in one thing each. */
export const MISBEHAVING: Fixtures = { ...DECLARING, ...TELLING, ...STOPPING, ...LEAVING, ...ASKING };
