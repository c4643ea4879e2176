import { answerApproval, mustGet, type Signalbox } from '../../src/index.js';
import type { Project } from './bench.js';

export const ANA = { kind: 'user', id: 'ana' } as const;
export const BO = { kind: 'user', id: 'bo' } as const;
export const HOUR = 3_600_000;
export const bash = (command: string) => ({ name: 'Bash', input: { command } });

type Answer = Partial<Parameters<typeof answerApproval>[1]>;

export const answer = async (box: Signalbox, more: Answer = {}, actor: Signalbox['actor'] = ANA) => {
  const [waiting] = await box.store.records.approvals.list();
  const request = { id: waiting?.id ?? '', effect: 'approve', scope: 'once', reason: null, holdsMs: HOUR } as const;
  return answerApproval({ store: box.store, door: box.door, actor }, { ...request, ...more });
};
export const questions = (box: Signalbox) => box.store.records.approvals.list();
export const kindsOf = (box: Signalbox, prefix: string) =>
  box.ledger
    .read({})
    .map(({ kind }) => kind)
    .filter((kind) => kind.startsWith(prefix));
export const get = (box: Signalbox, id: string) => mustGet({ tasks: box.tasks }, id);

/** Puts rules in front of those that `init` wrote. */
export function addRules(project: Project, rules: string): void {
  project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rules}`));
  project.trust();
}

export const ASK_LANDING = `  - { id: ask-landing, effect: ask, on: [task.land], when: '"src/b.txt" in resource.changed_paths' }\n`;
