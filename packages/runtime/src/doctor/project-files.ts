import { basename } from 'node:path';
import { messageOf } from '@signalbox/kernel';
import { checkPolicy, type LayerSource } from '@signalbox/policy';
import { policySources } from '../door/policy-files.js';
import { readConfig } from '../project/config.js';
import type { ProjectPaths } from '../project/paths.js';
import { filesToTrust } from '../project/untrusted.js';
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
    const sources = policyFiles(paths);
    const [problem] = sources.flatMap((source) => checkPolicy(source));
    if (problem) {
      const text = `${problem.file}:${problem.line}:${problem.column}: ${problem.message.split('\n')[0]}`;
      const hint = 'Everything is denied until it is mended: see every fault with `signalbox policy validate`.';
      return { name: 'policy', state: 'bad', text, hint };
    }
    const untrusted = sources.filter((source) => !source.trusted).map(({ path }) => path);
    if (untrusted.length > 0) {
      const text = `${untrusted.join(', ')} is not trusted, so what it allows does not count`;
      return { name: 'policy', state: 'warn', text, hint: AGREE };
    }
    return { name: 'policy', state: 'good', text: sources.map(({ path }) => path).join(', ') || 'no file' };
  } catch (error) {
    return { name: 'policy', state: 'bad', text: messageOf(error) };
  }
}

/** Every policy file there is, also those of AIs. */
function policyFiles(paths: ProjectPaths): LayerSource[] {
  const own = filesToTrust(paths).filter((file) => file !== paths.config && file !== paths.policy);
  const perAI = own.flatMap((file) =>
    policySources(paths, basename(file, '.yaml')).filter(({ scope }) => scope === 'ai'),
  );
  return [...policySources(paths), ...perAI].filter(({ text }) => text !== null);
}
