import type { Random } from '@signalbox/testkit';
import { ACTIONS, type LayerSource, type PolicyOverride, type PolicyRequest } from '../src/index.js';
import { layer, request } from './support.js';

export type FileScope = 'global' | 'project' | 'ai';

const SCOPES: readonly FileScope[] = ['global', 'project', 'ai'];
const EFFECTS = ['allow', 'allow', 'ask', 'deny'] as const;

/** Conditions on anything, then by action; some cannot be evaluated on some requests. Few values, so that they often meet. */
const COMMON = [
  `subject.id == "codex"`,
  `subject.id in ["codex", "other"]`,
  `subject.kind == "ai"`,
  `"urgent" in context.task.labels`,
  `"x" in subject.labels`,
  `context.task.id == "tsk_1" && context.headless`,
  `context.task.type == "docs" || context.ci`,
  `context.attempt > 1`,
  `!has(context.task)`,
  'false',
];
const BY_ACTION: Record<string, readonly string[]> = {
  'net.fetch': ['a.b', 'c.d', 'e.f', 'g.h'].flatMap((host) => [
    `resource.host == "${host}"`,
    `resource.host == "${host}" && resource.port == 443`,
    `resource.host in ["${host}", "z"]`,
  ]),
  'file.read': [
    `resource.path.glob("**/.env")`,
    `resource.path == "src/a.ts"`,
    'resource.inside',
    `has(resource.size)`,
  ],
  'file.write': [
    ...['README.md', 'readme.md', '.env', '.ENV', 'src/a.ts'].map((path) => `resource.path == "${path}"`),
    `resource.path.startsWith("src/")`,
  ],
  'task.claim': ['src', 'docs', 'web', 'api'].flatMap((name) => [
    `"${name}" in resource.labels`,
    `"${name}/**" in resource.locks`,
  ]),
  'shell.run': [
    `action.program == "git"`,
    `"-f" in action.argv`,
    `"src/a.ts" in resource.paths`,
    `action.cwd == "sub"`,
  ],
};
const MANY_PROGRAMS = '[ls, wc, cut, tr, sort, comm, cmp, stat, file, cat]';
const PATTERNS = [
  '[git, [push, status], "..."]',
  '[[git, npm]]',
  '[npm, "..."]',
  `[${MANY_PROGRAMS}, "..."]`,
  '["./x", "..."]',
  '["/usr/bin/ls"]',
  '[ls, [-l, -a]]',
  '[GIT, "..."]',
  '[timeout, "..."]',
];
const OBLIGATIONS = ['{ sandbox: workspace-write }', '{ sandbox: none }'];
const OF_PERSONS = ['{ approval: user }', '{ reviewer: not-author }'];

/** What a rule on this action may oblige to. */
function obligationsOn(action: string): string[] {
  const isTool = /^(?:shell|file|net|tool)\./.test(action);
  return [
    ...OBLIGATIONS,
    ...(action === 'approval.answer' || action === 'policy.override' ? [] : OF_PERSONS),
    ...(isTool || action === 'task.complete' || action === 'task.land' ? ['{ evidence: test-report }'] : []),
    ...(action === 'task.execute' ? ['{ budget: "2 USD" }'] : []),
  ];
}

export function randomRule(random: Random, id: string): string {
  const effect = random.pick(EFFECTS);
  const action = random.pick([...Object.keys(BY_ACTION), 'shell.run', random.pick(ACTIONS), 'task.*']);
  const own = BY_ACTION[action] ?? COMMON;
  const parts = [`id: ${id}`, `effect: ${effect}`, `on: ["${action}"]`];
  const condition = (): string => random.pick(random.below(2) === 0 ? COMMON : own);
  if (random.below(3) > 0) parts.push(`when: '${condition()}'`);
  if (random.below(5) === 0) parts.push(`unless: '${condition()}'`);
  if (action === 'shell.run' && random.below(5) > 0) parts.push(`command: { argv: ${random.pick(PATTERNS)} }`);
  if (random.below(3) === 0) parts.push(`overridable_by: [${SCOPES.filter(() => random.below(2) === 0).join(', ')}]`);
  if (random.below(7) === 0) parts.push('mode: audit');
  if (random.below(8) === 0) parts.push(`expires: ${random.pick(['2026-01-01', '2027-01-01'])}`);
  if (effect !== 'deny' && random.below(8) === 0) parts.push(`obligations: [${random.pick(obligationsOn(action))}]`);
  return `{ ${parts.join(', ')} }`;
}

export function randomRules(random: Random, most: number): string[] {
  return Array.from({ length: random.below(most + 1) }, (_, index) => randomRule(random, `r${index}`));
}

/** One file; `rules` are those to write, so that the same may be written in another order. */
export function writeLayer(random: Random, scope: FileScope, rules: readonly string[], trusted = true): LayerSource {
  const exceptions = Array.from({ length: random.below(3) }, () => randomException(random));
  const fallback = random.below(2) === 0 ? `default: ${random.pick(['allow', 'ask', 'deny'])}\n` : '';
  const list = (name: string, items: readonly string[]): string =>
    items.length === 0 ? '' : `${name}:\n${items.map((item) => `  - ${item}\n`).join('')}`;
  const text = `version: 1\nscope: ${scope}\n${fallback}${list('rules', rules)}${list('exceptions', exceptions)}`;
  return layer(text, { scope, path: `${scope}.yaml`, trusted });
}

function randomException(random: Random): string {
  const when = random.below(3) === 0 ? `, when: '${random.pick(COMMON)}'` : '';
  return `{ rule: ${randomId(random)}, effect: ${random.pick(['allow', 'ask'])}${when} }`;
}

function randomId(random: Random): string {
  return `${random.pick(SCOPES)}/r${random.below(8)}`;
}

export function randomOverrides(random: Random): PolicyOverride[] {
  return Array.from({ length: random.below(4) }, (_, index) => ({
    id: `ovr_${index}`,
    rule: randomId(random),
    effect: random.pick(['allow', 'ask'] as const),
    ai: random.pick([null, 'codex', 'other']),
    task: random.pick([null, null, 'tsk_1', 'tsk_2']),
    label: random.pick([null, null, 'urgent=yes']),
    reason: 'because',
    by: 'user:ana',
    createdAt: '2026-01-01T00:00:00Z',
    expiresAt: random.pick([null, null, '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z']),
  }));
}

const LINES = [
  'git push',
  'git status && ls -l',
  'npm test',
  'ls $X',
  '$CMD push',
  '$(echo git) status',
  'g"i"t push $X',
  'timeout 5 npm test',
  'ls > src/a.ts',
  'cat .env | wc -l',
  'GIT push',
  './x 1',
  '/usr/bin/ls',
  'sh -c "git push"',
  'ls (',
  'comm a b; unknown',
];

/** A request of any action, sometimes with attributes that are missing or of another type than declared. */
export function randomRequest(random: Random): PolicyRequest {
  const action = random.pick([
    ...Object.keys(BY_ACTION),
    'shell.run',
    random.pick(ACTIONS),
    'task.unheard',
    'other.of',
  ]);
  const labels = random.below(3) === 0 ? { x: '1' } : undefined;
  const made = request(action, {
    kind: random.pick(['ai', 'ai', 'user', 'workflow', 'system'] as const),
    id: random.pick(['codex', 'other', 'third']),
    resource: randomResource(random, action),
    action: action === 'shell.run' ? randomCommand(random) : {},
    task: { id: random.pick(['tsk_1', 'tsk_2']), type: 'docs', labels: random.below(2) === 0 ? { urgent: 'yes' } : {} },
    context: {
      ...(random.below(2) === 0 ? { sandbox: random.pick(['none', 'workspace-write', 'read-only'] as const) } : {}),
      ...(random.below(2) === 0 ? { spent: random.pick([{ usd: 1 }, { usd: 2 }, { tokens: 5 }]) } : {}),
      ...(random.below(2) === 0 ? { attempt: random.below(4) } : {}),
    },
  });
  if (labels) made.subject.labels = labels;
  if (random.below(8) === 0) delete made.context.task;
  return made;
}

function randomCommand(random: Random): Pick<PolicyRequest['action'], 'command' | 'argv' | 'cwd'> {
  const cwd = random.below(4) === 0 ? { cwd: 'sub' } : {};
  if (random.below(5) === 0) return { argv: random.pick([['git', 'push'], ['ls', '-l'], ['npm'], []]), ...cwd };
  return { command: random.pick(LINES), ...cwd };
}

function randomResource(random: Random, action: string): PolicyRequest['resource'] {
  if (action === 'net.fetch') {
    return random.pick([
      {},
      { host: 'a.b', port: 443 },
      { host: 'c.d', port: 80 },
      { host: 'z' },
      { host: 7 },
      { host: ['a.b'] },
      { host: null },
    ]);
  }
  if (action.startsWith('file.')) {
    return { path: random.pick(['.env', '.ENV', 'src/a.ts', 'README.md', '/etc/passwd', 'src/../.env', '']) };
  }
  if (action === 'shell.run') return random.below(4) === 0 ? { origin: 'user' } : {};
  if (!action.startsWith('task.')) return {};
  return random.pick([
    {},
    { labels: { src: '1', web: '2' }, locks: ['src/**'] },
    { labels: ['docs', 'docs', 'api'], locks: [] },
    { labels: 'src', locks: { 'src/**': 1 } },
  ]);
}
