import { loadPolicy } from '@signalbox/policy';

/** A machine on which paths are what they say: what is measured then is deciding and not the file system. */
const PLAIN_MACHINE = {
  realPath: (path) => path,
  exists: () => true,
  resolveProgram: (name) => `/usr/bin/${name}`,
};

/** The same rules in both languages. Six in ten are about writing; the last one allows what is asked for. */
export function writeRules(count) {
  const rules = Array.from({ length: count - 1 }, (_, n) => ruleNumber(n));
  rules.push({
    effect: 'allow',
    action: 'file.write',
    ours: 'resource.path.startsWith("src/") && resource.size < 1000000',
    cedar: 'context.path like "src/*" && context.size < 1000000',
  });
  return { yaml: asYaml(rules), cedar: rules.map(asCedar).join('\n') };
}

function ruleNumber(n) {
  const action = ['file.write', 'file.write', 'file.write', 'file.read', 'net.fetch'][n % 5];
  if (action === 'net.fetch') {
    const host = `host-${n}.example.com`;
    return { effect: 'deny', action, ours: `resource.host == "${host}"`, cedar: `context.host == "${host}"` };
  }
  return {
    effect: n % 3 === 0 ? 'allow' : 'deny',
    action,
    ours: `resource.path.glob("area-${n}/**") && subject.id != "agent-${n}"`,
    cedar: `context.path like "area-${n}/*" && context.id != "agent-${n}"`,
  };
}

function asYaml(rules) {
  const lines = rules.map(
    ({ effect, action, ours }, n) => `  - { id: r${n}, effect: ${effect}, on: [${action}], when: '${ours}' }`,
  );
  return `version: 1\nscope: project\ndefault: deny\nrules:\n${lines.join('\n')}\n`;
}

function asCedar({ effect, action, cedar }) {
  const head = effect === 'allow' ? 'permit' : 'forbid';
  return `${head}(principal, action == Action::"${action}", resource) when { ${cedar} };`;
}

/** Requests that both languages answer; what Cedar needs of one is its `context`. */
export function createRequests() {
  const paths = ['src/index.ts', 'src/a/b/c.ts', 'area-1/x.ts', 'area-15/y.ts', 'docs/readme.md', 'src/area-1/z.ts'];
  return paths.map((path) => ({
    subject: { kind: 'ai', id: 'codex' },
    action: { name: 'file.write' },
    resource: { path, size: 1200 },
    context: { headless: true, ci: false, task: { id: 'tsk_1', type: 'feature', labels: {} } },
  }));
}

export function load(text, folder, machine = PLAIN_MACHINE) {
  const source = { scope: 'project', path: '.ai/policy.yaml', text, trusted: true };
  const policy = loadPolicy([source], { now: Date.now(), workspace: folder, ...machine });
  if (policy.problems.length > 0) throw new Error(`the policy is not valid: ${policy.problems[0].message}`);
  return policy;
}
