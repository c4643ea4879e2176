import { RuntimeError } from '../errors.js';

export function noProject(where: string): RuntimeError {
  return new RuntimeError({
    code: 'NO_PROJECT',
    message: `${where} is not a Signalbox project: it has no .ai/config.yaml.`,
    hint: 'Run `signalbox init` in the repository, or name the project with --root.',
  });
}
