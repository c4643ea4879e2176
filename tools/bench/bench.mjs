import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { say } from '../lib/run.mjs';
import { describeMachine } from './machine.mjs';
import { formatSuite } from './table.mjs';

const DEFAULT_REPS = 15;
const suitesFolder = new URL('./suites/', import.meta.url);

/**
 * `[<suite>…] [--json] [--reps N]`: runs the suites and reports, a table on standard error and with `--json` one document on
 * standard output. Returns the exit code: 2 for a command line that is wrong, else 0, whether or not a bound is met.
 *
 * @param {string[]} argv
 * @param {() => Promise<void>} prepare Makes the built packages ready; suites are loaded after it.
 */
export async function bench(argv, prepare) {
  const suites = readdirSync(suitesFolder)
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => file.slice(0, -'.mjs'.length))
    .sort();
  const request = parseRequest(argv, suites);
  if (request.problem) {
    say(`${request.problem}\nThe suites are: ${suites.join(', ')}.`);
    return 2;
  }
  await prepare();
  const machine = await describeMachine();
  say(`\n${Object.values(machine).join(' · ')} · ${request.reps} repetitions`);
  const { runSuite } = await import('./run-suite.mjs');
  const results = [];
  for (const name of request.names) {
    const { suite } = await import(new URL(`${name}.mjs`, suitesFolder));
    const figures = await runSuite(suite, request.reps);
    say(formatSuite(suite.title, figures));
    results.push({ name, figures });
  }
  if (request.json) process.stdout.write(`${JSON.stringify({ machine, suites: results }, null, 2)}\n`);
  return 0;
}

function parseRequest(argv, suites) {
  try {
    const options = {
      json: { type: 'boolean', default: false },
      reps: { type: 'string', default: String(DEFAULT_REPS) },
    };
    const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true });
    const unknown = positionals.find((name) => !suites.includes(name));
    if (unknown !== undefined) return { problem: `There is no suite "${unknown}".` };
    const reps = Number(values.reps);
    if (!Number.isInteger(reps) || reps < 1 || reps > 1_000)
      return { problem: '--reps takes a number from 1 to 1,000.' };
    return { names: positionals.length > 0 ? [...new Set(positionals)] : suites, json: values.json, reps };
  } catch (error) {
    return { problem: error.message };
  }
}
