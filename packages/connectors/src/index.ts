export { acpConnector } from './acp/connector.js';
export { builtinConnectors, findConnector } from './builtin.js';
export { checkConfig } from './check-config.js';
export { claudeCodeConnector } from './claude-code/connector.js';
export { requestOfTool } from './claude-code/tool-request.js';
export { codexConnector } from './codex/connector.js';
export { commandConnector } from './command/connector.js';
export { checkConnectorShape } from './connector-shape.js';
export type {
  AgentAnswer,
  AgentEvent,
  AgentRequest,
  Connector,
  ConnectorCapabilities,
  Failure,
  FailureClass,
  ProbeContext,
  ProbeReport,
  RunIo,
  RunRequest,
  Telling,
  Usage,
} from './contract.js';
export { COMMON_ENVIRONMENT_NAMES, environmentNamesOf, exportedEnvironment } from './environment.js';
export { ConnectorError, type ConnectorErrorCode } from './errors.js';
export { bootId, isAlive, processIdentity } from './process/identity.js';
export { agentMarker } from './process/marker.js';
export { AI_VARIABLE, ATTEMPT_VARIABLE } from './process/marker-names.js';
export { createProcessRunner, type ProcessRunnerOptions } from './process/runner.js';
export { findMarked, type SweepOptions, sweep } from './process/sweep.js';
export type {
  AttemptMarker,
  CommandOptions,
  ExitStatus,
  OutputLine,
  ProcessIdentity,
  ProcessRunner,
  RunningProcess,
  RunOptions,
  RunResult,
  SpawnOptions,
} from './process/types.js';
export { probeSandbox, type SandboxProbeContext } from './sandbox/probe-sandbox.js';
export { sandboxed } from './sandbox/sandboxed.js';
export type { Sandbox, SandboxProbe } from './sandbox/types.js';
export { supervisorPath } from './supervisor-path.js';
