import { type AttributeSchema, suggestName } from '@signalbox/rules';

const COMMON: AttributeSchema = {
  'subject.kind': { enum: ['user', 'ai', 'workflow', 'system'] },
  'subject.id': 'string',
  'subject.labels': 'map',
  'context.task.id': 'string',
  'context.task.type': 'string',
  'context.task.labels': 'map',
  'context.attempt': 'int',
  'context.headless': 'bool',
  'context.ci': 'bool',
};

const TASK: AttributeSchema = {
  'resource.type': 'string',
  'resource.priority': 'int',
  'resource.locks': 'set',
  'resource.labels': 'map',
  'resource.ai': 'string',
  'resource.changed_paths': 'set',
  'resource.checks_changed': 'bool',
  'resource.narrow': 'bool',
};

const FILE: AttributeSchema = {
  'resource.path': 'path',
  'resource.size': 'int',
  'resource.exists': 'bool',
  'resource.inside': 'bool',
  'resource.in_locks': 'bool',
};

const NAMED: AttributeSchema = { 'resource.id': 'string', 'resource.digest': 'string', 'resource.source': 'string' };

const SHELL: AttributeSchema = {
  'action.program': 'string',
  'action.argv': 'set',
  'action.cwd': 'path',
  'resource.paths': 'set',
  'resource.origin': 'string',
};

const OWN: Readonly<Record<string, AttributeSchema>> = {
  ...each('task', ['create', 'claim', 'execute', 'complete', 'land'], TASK),
  ...each(
    'task',
    ['start', 'release', 'fail', 'cancel', 'retry', 'requeue', 'update', 'lock', 'revert', 'accept'],
    TASK,
  ),
  'shell.run': SHELL,
  'file.read': FILE,
  'file.write': FILE,
  'net.fetch': { 'resource.host': 'string', 'resource.port': 'int', 'resource.scheme': 'string' },
  'tool.call': { 'action.server': 'string', 'action.tool': 'string' },
  ...each('ai', ['register', 'label', 'pause', 'resume', 'remove'], NAMED),
  ...each('workflow', ['create', 'start', 'resume', 'cancel'], NAMED),
  ...each('skill', ['add', 'enable', 'disable', 'inject', 'run', 'lock', 'remove'], NAMED),
  ...each('audit', ['export', 'checkpoint', 'rotate', 'seal'], NAMED),
  ...each('backup', ['create', 'restore'], NAMED),
  'connector.load': NAMED,
  'workspace.discard': NAMED,
  'notify.send': NAMED,
  'policy.override': NAMED,
  'approval.answer': NAMED,
};

function each(noun: string, verbs: readonly string[], schema: AttributeSchema): Record<string, AttributeSchema> {
  return Object.fromEntries(verbs.map((verb) => [`${noun}.${verb}`, schema]));
}

/** Every action a rule may name, in the order of the documentation. */
export const ACTIONS: readonly string[] = Object.keys(OWN);

/** The attributes that conditions on one action may use. */
export function attributesOf(action: string): AttributeSchema {
  return { ...COMMON, ...OWN[action] };
}

/** The attributes of any of the actions together: what an expression is parsed against before each action is checked. */
export function attributesOfAny(actions: readonly string[]): AttributeSchema {
  return Object.assign({}, COMMON, ...actions.map((action) => OWN[action]));
}

/** The known actions that one entry of `on:` stands for (`task.*`, or one name); empty if it names none. */
export function actionsNamed(entry: string): string[] {
  if (entry.endsWith('.*')) return ACTIONS.filter((action) => action.startsWith(entry.slice(0, -1)));
  return ACTIONS.includes(entry) ? [entry] : [];
}

export function suggestAction(entry: string): string | null {
  const groups = [...new Set(ACTIONS.map((action) => `${action.split('.')[0]}.*`))];
  return suggestName(entry, [...ACTIONS, ...groups]);
}

/** Whether an entry of `on:` covers an action; `task.*` covers every action of tasks, also one without attributes here. */
export function covers(entry: string, action: string): boolean {
  return entry.endsWith('.*') ? action.startsWith(entry.slice(0, -1)) : entry === action;
}
