import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConnectorError } from './errors.js';

/** Where the supervisor program may be: beside this module once built, in `dist` while this module runs from source. */
const PLACES = ['./supervisor.js', '../dist/supervisor.js'];

/** The absolute path of the supervisor program. Throws `SUPERVISOR_MISSING` when the package is not built. */
export function supervisorPath(base: string = import.meta.url): string {
  for (const place of PLACES) {
    const path = fileURLToPath(new URL(place, base));
    if (existsSync(path)) return path;
  }
  throw new ConnectorError({
    code: 'SUPERVISOR_MISSING',
    message: 'The supervisor program of @signalbox/connectors is missing.',
    hint: 'Run `npm run build`, or copy dist/supervisor.js beside the bundle.',
  });
}
