import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { agentMarker } from '@signalbox/connectors';
import { initialPolicyYaml } from '@signalbox/policy';
import { RuntimeError } from '../errors.js';
import { createGit, type Git } from '../git/git.js';
import { openSigningKey } from '../ledger/keys.js';
import { findRepository, mainWorktree } from './find-root.js';
import type { SignalboxHome } from './home.js';
import { type ProjectPaths, projectPaths } from './paths.js';
import { findProjectCommands } from './project-commands.js';
import { isThere } from './read-file.js';
import { createStateFolder } from './state-folder.js';
import { openTrustStore } from './trust.js';

export interface InitRequest {
  /** The folder that was named, or the one that the command runs in. Absolute. */
  folder: string;
  /** Whether the folder was named by the caller: then it is taken as it is. */
  explicit: boolean;
  base?: string;
  home: SignalboxHome;
  environment: NodeJS.ProcessEnv;
}

export interface InitReport {
  root: string;
  base: string;
  git: boolean;
  /** What was written, relative to the root. What was there already is left as it is. */
  created: string[];
  kept: string[];
  setup: string[];
}

/** Makes a folder a Signalbox project: configuration and policy, trusted, and a signing key. Never overwrites anything. */
export async function initProject(request: InitRequest): Promise<InitReport> {
  refuseAgent(request.environment);
  const top = findRepository(request.folder);
  const root = request.explicit || top === null ? request.folder : mainWorktree(top);
  const git = top === null ? null : createGit(root, request.environment);
  const paths = projectPaths(root, request.home);
  const base = git ? await findBase(git, request.base) : (request.base ?? 'main');
  const commands = findProjectCommands(root);
  const report: InitReport = { root, base, git: git !== null, created: [], kept: [], setup: commands.setup };

  mkdirSync(paths.ai, { recursive: true });
  place(paths, report, paths.config, configYaml(base, commands.setup));
  place(paths, report, paths.policy, initialPolicyYaml({ name: basename(root), testCommands: commands.tests }));
  createStateFolder(paths);
  const newKey = !existsSync(paths.signingKey);
  openSigningKey(paths);
  (newKey ? report.created : report.kept).push('.ai/ledger.pub');
  return report;
}

/** What init writes is trusted, so an agent could write itself the rules that it works under. There is no ledger yet to record it in. */
function refuseAgent(environment: NodeJS.ProcessEnv): void {
  const marker = agentMarker(environment);
  if (!marker) return;
  throw new RuntimeError({
    code: 'AGENT_REFUSED',
    message: `An AI may not initialise a project; this process runs for ai:${marker.ai}.`,
    hint: 'A person must do it, in a shell of their own.',
  });
}

function place(paths: ProjectPaths, report: InitReport, file: string, content: string): void {
  const name = file.slice(paths.root.length + 1);
  if (isThere(file)) {
    report.kept.push(name);
    return;
  }
  writeFileSync(file, content, { flag: 'wx' });
  openTrustStore(paths.trust).grant(file, content);
  report.created.push(name);
}

async function findBase(git: Git, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) {
    const found = await git.attempt(['rev-parse', '--verify', '--quiet', `refs/heads/${wanted}`]);
    if (found.exitCode === 0) return wanted;
    throw new RuntimeError({
      code: 'NO_SUCH_BRANCH',
      message: `There is no branch "${wanted}".`,
      hint: 'Name a local branch with --base, or leave it out for the one that is checked out.',
    });
  }
  const head = await git.attempt(['symbolic-ref', '--quiet', '--short', 'HEAD']);
  return head.exitCode === 0 ? head.stdout : 'main';
}

function configYaml(base: string, setup: readonly string[]): string {
  const lines = setup.length > 0 ? setup.map((line) => `    - ${line}`) : ['    # - npm ci'];
  return `# Signalbox: how this project is worked on. Editing this file makes it untrusted until you run \`signalbox trust\`.
version: 1

# The branch that work starts from. Finished work is collected on signalbox/integration; \`signalbox land\` merges it here.
base: ${JSON.stringify(base)}

workspace:
  # Run in each new worktree before an agent starts: a fresh worktree has no node_modules.
  setup:${setup.length > 0 ? '' : ' []'}
${lines.join('\n')}
  # Files of yours that are not in git and that each worktree gets a copy of, ports of its own, and variables. See
  # docs/workspaces.md.
  # copy: ['.env.local']
  # ports: 2
  # env: { BASE_URL: 'http://127.0.0.1:{{port}}' }

# Test reports that checks write, so that passing means that tests ran. See docs/evidence.md.
# evidence:
#   reports:
#     - { format: junit, path: 'reports/*.xml' }
`;
}
