import type { JsonObject } from '@signalbox/kernel';
import type { WitnessRequest } from '@signalbox/rules/analysis';
import type { PolicyRequest, SubjectKind } from '../request.js';

interface Found {
  subject?: { kind?: SubjectKind; id?: string; labels?: Record<string, string> };
  action?: { program?: string; argv?: string[]; cwd?: string; server?: string; tool?: string };
  resource?: JsonObject;
  context?: {
    task?: { id?: string; type?: string; labels?: Record<string, string> };
    attempt?: number;
    headless?: boolean;
    ci?: boolean;
  };
}

/**
 * Requests that may have the attributes of a witness, likeliest first. Analysis takes attributes for independent that are
 * not (a path and whether it lies inside, the first word of a command and its program), so whether one does is to be asked.
 */
export function requestsFor({ action, attributes }: WitnessRequest): PolicyRequest[] {
  const found = JSON.parse(JSON.stringify(attributes)) as Found;
  const resources = resourcesFor(action, found.resource ?? {});
  const actions = actionsFor(action, found.action ?? {});
  // What the rules do not ask about is chosen at will; a request of an AI in the workspace reads better than any other.
  const plain = { ...found, subject: {}, context: {} };
  return [plain, found].flatMap(({ subject, context }) =>
    actions.flatMap((own) =>
      resources.map((resource) => ({
        subject: subjectFor(subject ?? {}),
        action: own,
        resource,
        context: contextFor(context ?? {}),
      })),
    ),
  );
}

function subjectFor({ kind, id, labels }: NonNullable<Found['subject']>): PolicyRequest['subject'] {
  return { kind: kind ?? 'ai', id: id || 'somebody', ...(labels ? { labels } : {}) };
}

function contextFor({ task, attempt, headless, ci }: NonNullable<Found['context']>): PolicyRequest['context'] {
  return {
    ...(task ? { task: { id: task.id ?? 'tsk_1', type: task.type ?? 'feature', labels: task.labels ?? {} } } : {}),
    ...(attempt === undefined ? {} : { attempt }),
    headless: headless ?? true,
    ci: ci ?? false,
    sandbox: 'read-only',
  };
}

function actionsFor(name: string, found: NonNullable<Found['action']>): PolicyRequest['action'][] {
  if (name !== 'shell.run') {
    const { server, tool } = found;
    return [{ name, ...(server === undefined ? {} : { server }), ...(tool === undefined ? {} : { tool }) }];
  }
  const program = found.program || 'some-program';
  const [first, ...operands] = found.argv ?? [];
  const cwd = found.cwd === undefined || found.cwd === '.' ? {} : { cwd: found.cwd };
  const vectors = first ? [[first, ...operands]] : [];
  if (first !== program) vectors.push([program, ...operands]);
  return [...vectors.map((argv) => ({ name, argv })), ...vectors.map((argv) => ({ name, argv, ...cwd }))];
}

function resourcesFor(action: string, found: JsonObject): JsonObject[] {
  const { inside, paths: _computed, ...resource } = found;
  const path = resource['path'];
  if (typeof path !== 'string' || !action.startsWith('file.')) return [resource];
  const moved = inside === false ? `/elsewhere/${path.replace(/^\/+/, '')}` : path.replace(/^\/+/, '') || '.';
  return [resource, { ...resource, path: moved }];
}
