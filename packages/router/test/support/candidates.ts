import { type AIInstance, type Candidate, type Choice, choose, parseAI, type RoutingNeed } from '../../src/index.js';

export function ai(id: string, more: Partial<AIInstance> = {}): AIInstance {
  return { ...parseAI({ id, connector: 'command' }, '2026-01-01T00:00:00.000Z'), ...more };
}

export function candidate(id: string, more: Partial<AIInstance> = {}, seen: Partial<Candidate> = {}): Candidate {
  return { ai: ai(id, more), running: 0, unfit: null, ...seen };
}

export function route(candidates: readonly Candidate[], need: Partial<RoutingNeed> = {}): Choice {
  return choose({ pin: null, capabilities: [], labels: {}, ...need }, candidates);
}
