import type { Json, JsonObject } from '@signalbox/kernel';
import { asObject, numberAt, objectAt, objectsAt, textAt } from '../claude-code/json-access.js';
import type { Failure, RunRequest } from '../contract.js';
import type { Link } from './link.js';
import { failureOfError } from './outcome.js';

const PROTOCOL_VERSION = 1;
const CLIENT_INFO: JsonObject = { name: 'signalbox', version: '1' };

/** A request that gave no result: the failure it stands for, or null when the agent was gone. */
export interface Broken {
  failure: Failure | null;
}

export interface AgentSession {
  id: string;
  version: string | null;
  model: string | null;
}

/** What an agent tells of itself. */
export interface AgentInfo {
  name: string | null;
  version: string | null;
  canLoad: boolean;
  canResume: boolean;
}

/** Sends a request and gives the object that comes back. An answer of null is an empty one. */
export async function call(link: Link, method: string, params: JsonObject): Promise<{ answer: JsonObject } | Broken> {
  const reply = await link.request(method, params);
  if (reply.kind === 'closed') return { failure: null };
  if (reply.kind === 'error') return { failure: failureOfError(reply.error) };
  const answer = asObject(reply.result ?? {});
  return answer ? { answer } : broken(`The agent answered ${method} with something that is no object.`);
}

export function isBroken(answer: object): answer is Broken {
  return 'failure' in answer;
}

export async function initialize(link: Link): Promise<AgentInfo | Broken> {
  const called = await call(link, 'initialize', {
    protocolVersion: PROTOCOL_VERSION,
    clientCapabilities: { fs: { readTextFile: true, writeTextFile: true }, terminal: false },
    clientInfo: CLIENT_INFO,
  });
  if (isBroken(called)) return called;
  const { answer } = called;
  const version = numberAt(answer, 'protocolVersion');
  if (version === null) return broken('The agent did not say which version of the protocol it speaks.');
  if (version !== PROTOCOL_VERSION) {
    const message = `The agent speaks version ${version} of the protocol, and not version ${PROTOCOL_VERSION}.`;
    return { failure: { class: 'agent_error', message } };
  }
  const capabilities = objectAt(answer, 'agentCapabilities');
  const info = objectAt(answer, 'agentInfo');
  return {
    name: textAt(info, 'name'),
    version: textAt(info, 'version'),
    canLoad: capabilities?.['loadSession'] === true,
    canResume: objectAt(objectAt(capabilities, 'sessionCapabilities'), 'resume') !== null,
  };
}

/** Brings the agent to where it can be given a prompt: logged in, in a session, in the wanted mode and with the wanted model. */
export async function openSession(link: Link, request: RunRequest): Promise<AgentSession | Broken> {
  const { config } = request;
  const info = await initialize(link);
  if (isBroken(info)) return info;
  const methodId = textAt(config, 'auth');
  if (methodId !== null) {
    const answer = await call(link, 'authenticate', { methodId });
    if (isBroken(answer)) return answer.failure ? { failure: { ...answer.failure, class: 'auth' } } : answer;
  }
  const opened = await beginSession(link, info, request);
  if (isBroken(opened)) return opened;
  const id = textAt(opened.answer, 'sessionId');
  if (id === null) return broken('The agent opened a session without an id.');
  const problem =
    (await setMode(link, id, textAt(config, 'mode'))) ?? (await setModel(link, id, opened.answer, config));
  return problem ?? { id, version: info.version, model: modelOf(opened.answer, config) };
}

/** Goes on with the session that is asked for, or with a new one where that is not there any more. */
async function beginSession(link: Link, info: AgentInfo, request: RunRequest): ReturnType<typeof call> {
  const { session: sessionId, workspace: cwd } = request;
  const place = { cwd, mcpServers: [] };
  if (sessionId !== undefined && (info.canResume || info.canLoad)) {
    const method = info.canResume ? 'session/resume' : 'session/load';
    const resumed = await call(link, method, { sessionId, ...place });
    if (!isBroken(resumed)) return { answer: { ...resumed.answer, sessionId } };
    if (resumed.failure?.class !== 'agent_error') return resumed;
  }
  return call(link, 'session/new', place);
}

async function setMode(link: Link, sessionId: string, modeId: string | null): Promise<Broken | null> {
  if (modeId === null) return null;
  const answer = await call(link, 'session/set_mode', { sessionId, modeId });
  return isBroken(answer) ? about(`The mode ${modeId} could not be set`, answer) : null;
}

async function setModel(link: Link, sessionId: string, opened: JsonObject, config: JsonObject): Promise<Broken | null> {
  const model = textAt(config, 'model');
  if (model === null) return null;
  const request = modelRequest(opened, model);
  if (request === null) {
    return {
      failure: { class: 'agent_error', message: 'The agent does not let one choose a model: leave out "model".' },
    };
  }
  const answer = await call(link, request.method, { sessionId, ...request.params });
  return isBroken(answer) ? about(`The model ${model} could not be set`, answer) : null;
}

function modelOf(opened: JsonObject, config: JsonObject): string | null {
  const offered = textAt(modelOption(opened), 'currentValue') ?? textAt(objectAt(opened, 'models'), 'currentModelId');
  return textAt(config, 'model') ?? offered;
}

function modelOption(opened: JsonObject): JsonObject | null {
  const options = objectsAt(opened, 'configOptions');
  return options.find((one) => one['category'] === 'model') ?? options.find((one) => one['id'] === 'model') ?? null;
}

/** By an option of the session, or, before those came to the protocol, by a list of models. */
function modelRequest(opened: JsonObject, model: string): { method: string; params: JsonObject } | null {
  const configId = textAt(modelOption(opened), 'id');
  if (configId !== null) return { method: 'session/set_config_option', params: { configId, value: model } };
  return objectAt(opened, 'models') ? { method: 'session/set_model', params: { modelId: model } } : null;
}

function about(what: string, { failure }: Broken): Broken {
  return { failure: failure && { ...failure, message: `${what}: ${failure.message}` } };
}

function broken(message: string): Broken {
  return { failure: { class: 'invalid_output', message } };
}

/** The params that carry a prompt. */
export function promptParams(sessionId: string, prompt: string): JsonObject {
  const block: Json = { type: 'text', text: prompt };
  return { sessionId, prompt: [block] };
}
