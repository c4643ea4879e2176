export { type Suggestion, suggestRules } from './suggest-rules.js';
