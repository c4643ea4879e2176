import { basename, relative } from 'node:path';
import { messageOf } from '@signalbox/kernel';
import { checkPolicy, type LayerSource } from '@signalbox/policy';
import { policySources, presentSources } from '../door/policy-files.js';
import { readConfig } from '../project/config.js';
import type { ProjectPaths } from '../project/paths.js';
import { aiPolicyFiles, goneFiles } from '../project/untrusted.js';
import type { Finding } from './examine.js';

const AGREE = 'Look at it and agree with `signalbox trust`.';

export function configFinding(paths: ProjectPaths): Finding {
  try {
    const { base, trusted } = readConfig(paths);
    if (trusted) return { name: 'config', state: 'good', text: `.ai/config.yaml, work starts from ${base}` };
    const text = '.ai/config.yaml is not trusted, so its set-up lines do not run';
    return { name: 'config', state: 'warn', text, hint: AGREE };
  } catch (error) {
    return { name: 'config', state: 'bad', text: messageOf(error), hint: 'Correct it: nothing runs before.' };
  }
}

export function policyFinding(paths: ProjectPaths): Finding {
  try {
    const { error } = aiPolicyFiles(paths);
    const mend = 'Everything is denied until it is mended: see every fault with `signalbox policy validate`.';
    if (error !== undefined) return { name: 'policy', state: 'bad', text: `.ai/policy: ${error}`, hint: mend };
    const [problem] = everySource(paths, policySources).flatMap((source) => checkPolicy(source));
    if (problem) {
      const text = `${problem.file}:${problem.line}:${problem.column}: ${problem.message.split('\n')[0]}`;
      return { name: 'policy', state: 'bad', text, hint: mend };
    }
    const present = everySource(paths, presentSources);
    const doubts = [...untrusted(present), ...gone(paths)];
    if (doubts.length > 0) return { name: 'policy', state: 'warn', text: doubts.join('; '), hint: AGREE };
    return { name: 'policy', state: 'good', text: present.map(({ path }) => path).join(', ') || 'no file' };
  } catch (error) {
    return { name: 'policy', state: 'bad', text: messageOf(error) };
  }
}

function untrusted(present: readonly LayerSource[]): string[] {
  const names = present.filter((source) => !source.trusted).map(({ path }) => path);
  return names.length === 0 ? [] : [`${names.join(', ')} is not trusted, so what it allows does not count`];
}

function gone(paths: ProjectPaths): string[] {
  const names = goneFiles(paths).map((file) => relative(paths.root, file));
  return names.length === 0 ? [] : [`${names.join(', ')} is gone, and what it denied counts until you agree to that`];
}

/** What there is of policy, also of AIs. */
function everySource(
  paths: ProjectPaths,
  sourcesOf: (paths: ProjectPaths, ai?: string) => LayerSource[],
): LayerSource[] {
  const own = [...aiPolicyFiles(paths).files, ...goneFiles(paths).filter((file) => file !== paths.policy)];
  const perAI = own.flatMap((file) => sourcesOf(paths, basename(file, '.yaml')).filter(({ scope }) => scope === 'ai'));
  return [...sourcesOf(paths), ...perAI].filter(({ text, error }) => text !== null || error !== undefined);
}
