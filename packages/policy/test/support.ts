import {
  type Effect,
  type LayerSource,
  type LoadOptions,
  loadPolicy,
  type MachineFacts,
  type Policy,
  type PolicyRequest,
  decide as rawDecide,
} from '../src/index.js';

export const NOW = Date.UTC(2026, 10, 22);

/** A machine on which paths are what they say, the usual folders exist, and every program lies in /usr/bin. */
export const plainMachine: MachineFacts = {
  realPath: (path) =>
    new URL(`file://${path.replaceAll('%', '%25').replaceAll('?', '%3F').replaceAll('#', '%23')}`).pathname,
  exists: (path) => /^\/(?:etc|home|usr|tmp|repo\/src)(?:\/|$)/.test(path),
  resolveProgram: (name) => `/usr/bin/${name}`,
};

export function layer(text: string | null, changes: Partial<LayerSource> = {}): LayerSource {
  return { scope: 'project', path: '.ai/policy.yaml', text, trusted: true, ...changes };
}

export function load(text: string | LayerSource[] | null, options: Partial<LoadOptions> = {}): Policy {
  const sources = Array.isArray(text) ? text : [layer(text)];
  return loadPolicy(sources, { now: NOW, workspace: '/repo', ...plainMachine, ...options });
}

export interface RequestChanges {
  kind?: PolicyRequest['subject']['kind'];
  id?: string;
  action?: Omit<PolicyRequest['action'], 'name'>;
  resource?: PolicyRequest['resource'];
  task?: PolicyRequest['context']['task'];
  /** Further members of the context. */
  context?: Pick<PolicyRequest['context'], 'sandbox' | 'spent' | 'attempt'>;
}

export function request(name: string, changes: RequestChanges = {}): PolicyRequest {
  const task = changes.task ?? { id: 'tsk_1', type: 'feature', labels: {} };
  return {
    subject: { kind: changes.kind ?? 'ai', id: changes.id ?? 'codex' },
    action: { name, ...changes.action },
    resource: changes.resource ?? {},
    context: { task, headless: true, ci: false, ...changes.context },
  };
}

export function decide(policy: Policy, what: PolicyRequest, time = NOW) {
  return rawDecide(policy, what, { id: 'pdr_1', time });
}

export function decideLine(policy: Policy, command: string, changes: RequestChanges = {}) {
  return decide(policy, request('shell.run', { ...changes, action: { command, ...changes.action } }));
}

export function judgeLine(policy: Policy, command: string, changes: RequestChanges = {}): Effect {
  return decideLine(policy, command, changes).decision;
}
