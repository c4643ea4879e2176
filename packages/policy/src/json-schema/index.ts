export { policyJsonSchema } from './policy-json-schema.js';
