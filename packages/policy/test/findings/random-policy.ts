import type { Random } from '@signalbox/testkit';
import type { PolicyRequest } from '../../src/index.js';

const EFFECTS = ['allow', 'ask', 'deny'] as const;
const GLOBS = ['src/**', 'src/*.ts', '**/*.ts', 'docs/**', 'src/a.ts', '{src,docs}/**', '**'];
const PATHS = ['src/a.ts', 'src/b.md', 'docs/a.ts', 'docs/link', 'README.md', '/etc/passwd', 'src/deep/a.ts'];
const PATTERNS = ['[npm, test]', '[npm, "..."]', '[npm, [test, run], "..."]', '[git, push, "..."]', '[git, "..."]'];
const LINES = [
  'npm test',
  'npm run x',
  'npm ls',
  'git push',
  'git status',
  'ls',
  'npm test && git push',
  'npm test $x',
];
const SUBJECTS = [
  { kind: 'ai', id: 'codex' },
  { kind: 'ai', id: 'claude' },
  { kind: 'user', id: 'ana' },
  { kind: 'system', id: 'x' },
] as const;

export interface RandomRule {
  id: string;
  text: string;
}

/** Rules of one file as YAML, each by itself so that one can be left out. */
export function randomRules(random: Random, count: number): RandomRule[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `r${index}`;
    return { id, text: randomRule(random, id) };
  });
}

function randomRule(random: Random, id: string): string {
  const effect = random.pick(EFFECTS);
  const head = `  - id: ${id}\n    effect: ${effect}\n`;
  const mode = random.below(8) === 0 ? '    mode: audit\n' : '';
  const duty = effect !== 'deny' && random.below(8) === 0 ? '    obligations: [{ sandbox: none }]\n' : '';
  return `${head}${randomBody(random)}${mode}${duty}`;
}

function randomBody(random: Random): string {
  switch (random.below(5)) {
    case 0:
    case 1:
      return `    on: [${random.pick(['file.read', 'file.write', 'file.read, file.write'])}]\n${conditions(random, fileLeaf)}`;
    case 2:
      return `    on: [shell.run]\n    command: { argv: ${random.pick(PATTERNS)} }\n${conditions(random, subjectLeaf, 3)}`;
    case 3:
      return `    on: [net.fetch]\n${conditions(random, netLeaf)}`;
    default:
      return `    on: [${random.pick(['task.create', 'task.*', 'approval.answer'])}]\n${conditions(random, subjectLeaf)}`;
  }
}

function conditions(random: Random, leaf: (random: Random) => string, oneIn = 1): string {
  const when = random.below(oneIn) === 0 && random.below(5) > 0 ? `    when: '${formula(random, leaf)}'\n` : '';
  const unless = random.below(5) === 0 ? `    unless: '${leaf(random)}'\n` : '';
  return when + unless;
}

function formula(random: Random, leaf: (random: Random) => string): string {
  switch (random.below(5)) {
    case 0:
      return `${leaf(random)} && ${leaf(random)}`;
    case 1:
      return `${leaf(random)} || ${leaf(random)}`;
    case 2:
      return `!(${leaf(random)})`;
    default:
      return leaf(random);
  }
}

function fileLeaf(random: Random): string {
  if (random.below(4) === 0) return subjectLeaf(random);
  if (random.below(6) === 0) return random.pick(['resource.inside', 'resource.size < 10', 'has(resource.size)']);
  return `resource.path.glob("${random.pick(GLOBS)}")`;
}

function subjectLeaf(random: Random): string {
  return random.pick([
    'subject.kind == "ai"',
    'subject.kind == "user"',
    'subject.id == "codex"',
    'context.headless',
    '"bug" in context.task.labels',
  ]);
}

function netLeaf(random: Random): string {
  return random.pick([
    'resource.host == "a.com"',
    'resource.host.endsWith(".com")',
    'resource.port == 443',
    'resource.port < 1000',
    'subject.id == "codex"',
  ]);
}

export function randomRequest(random: Random): PolicyRequest {
  const name = random.pick(['file.read', 'file.write', 'shell.run', 'net.fetch', 'task.create', 'approval.answer']);
  const task = random.pick([
    null,
    { id: 't', type: 'bugfix', labels: { bug: 'yes' } },
    { id: 't', type: 'x', labels: {} },
  ]);
  const context = { headless: random.below(2) === 0, ci: false, ...(task ? { task } : {}) };
  const subject = { ...random.pick(SUBJECTS) };
  if (name === 'shell.run') {
    const origin = random.below(5) === 0 ? { origin: 'user' } : {};
    return { subject, context, action: { name, command: random.pick(LINES) }, resource: origin };
  }
  const resource =
    name === 'net.fetch'
      ? {
          host: random.pick(['a.com', 'b.com', 'c.org']),
          ...(random.below(2) ? { port: random.pick([443, 8080]) } : {}),
        }
      : name.startsWith('file.')
        ? { path: random.pick(PATHS), ...(random.below(2) ? { size: random.pick([1, 100]) } : {}) }
        : {};
  return { subject, context, action: { name }, resource };
}
