export { checkGlob, type Glob, parseGlob } from './glob.js';
export { matchesGlob } from './match.js';
export { globsOverlap } from './overlap.js';
