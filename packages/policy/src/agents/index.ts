export { compileForAgent } from './compile-for-agent.js';
export {
  COMPILED_AGENTS,
  type CompiledAgent,
  type CompiledPolicy,
  type CompileOptions,
  type UnenforcedRule,
} from './compiled-policy.js';
