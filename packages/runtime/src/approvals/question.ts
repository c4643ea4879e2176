import { type Digest, digestOf, type Json, type JsonObject } from '@signalbox/kernel';
import type { PolicyDecisionRecord } from '@signalbox/policy';

/** What changes from one attempt to the next without changing what is asked about. */
const PASSING: ReadonlySet<string> = new Set(['in_locks', 'exists', 'size', 'priority']);

// No command line and no path can hold it, so nobody can write what stands for the folder.
const FOLDER = '\0workspace';

/**
 * What exactly is asked: who wants to do what to what, for which task, wherever the attempt's folder lies. `exactly` is what
 * makes the question this one beyond what policy judges, such as the text of a task; `hidden` stands for what is withheld as a secret.
 * The same question has the same digest.
 */
export function questionDigest(
  decision: PolicyDecisionRecord,
  exactly: JsonObject | null,
  hidden: string | null,
): Digest {
  const { subject, action, resource, context } = decision.request as Record<string, JsonObject>;
  const { kind = null, id = null } = subject ?? {};
  const task = (context?.['task'] as JsonObject | undefined)?.['id'] ?? null;
  const { workspace } = decision.replay;
  const facts = Object.fromEntries(Object.entries(resource ?? {}).filter(([name]) => !PASSING.has(name)));
  if (typeof facts['path'] === 'string' && facts['path'].startsWith(`${workspace}/`)) {
    facts['path'] = facts['path'].slice(workspace.length + 1);
  }
  const question: JsonObject = { subject: { kind, id }, action: action ?? {}, resource: facts, task, exactly, hidden };
  return digestOf(withoutFolder(question, workspace));
}

/** An attempt's folder is another one each time; what is approved in one holds in the next. */
export function withoutFolder(value: Json, folder: string): Json {
  if (typeof value === 'string') return folder.length > 1 ? value.replaceAll(folder, FOLDER) : value;
  if (Array.isArray(value)) return value.map((each) => withoutFolder(each, folder));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutFolder(each as Json, folder)]));
}

/** What is asked, for a person: "run `git push`", "write src/a.ts", "land the change of tsk_1". */
export function describeQuestion(request: JsonObject, exactly: JsonObject | null): string {
  const { action, resource, context } = request as Record<string, JsonObject>;
  const name = String(action?.['name']);
  const task = (context?.['task'] as JsonObject | undefined)?.['id'];
  switch (name) {
    case 'shell.run': {
      const { command, argv } = action ?? {};
      return `run \`${typeof command === 'string' ? command : (argv as string[] | undefined)?.join(' ')}\``;
    }
    case 'file.read':
      return `read ${resource?.['path']}`;
    case 'file.write':
      return `write ${resource?.['path']}`;
    case 'net.fetch':
      return `fetch ${exactly?.['url'] ?? `${resource?.['scheme']}://${resource?.['host']}`}`;
    case 'tool.call':
      return `call ${action?.['server'] ? `${action['server']}/` : ''}${action?.['tool']}`;
    case 'task.land':
      return task === undefined ? 'land what is on the integration branch' : `land the change of ${task}`;
    case 'task.complete':
      return `complete ${task}`;
    case 'task.lock': {
      const { glob, mode } = (exactly?.['lock'] ?? {}) as JsonObject;
      return `lock ${glob}${mode === 'shared' ? ' (shared)' : ''} for ${task}`;
    }
    case 'task.create':
      return `create the task "${exactly?.['title']}"`;
    case 'workspace.discard':
      return `discard the workspace ${resource?.['id']}${exactly?.['force'] === true ? ', also what cannot be kept of it' : ''}`;
    default: {
      const about = task ?? resource?.['id'];
      return about === undefined ? `do ${name}` : `do ${name} with ${about}`;
    }
  }
}
