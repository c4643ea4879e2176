import { systemClock } from '@signalbox/kernel';
import { findDecision, listDecisions, type PolicyDecisionRecord } from '@signalbox/runtime';
import { withStore } from '../../context.js';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseInteger, parseMoment } from '../../parse.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { clip } from '../../terminal/table.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { describeDecision } from './describe-decision.js';

export interface ListOptions extends CommonOptions {
  decision?: string;
  action?: string;
  task?: string;
  actor?: string;
  since?: string;
  limit: string;
}

const EFFECTS = ['allow', 'ask', 'deny'] as const;

export async function list(io: Io, options: ListOptions): Promise<void> {
  const { action, actor, since } = options;
  const decision = EFFECTS.find((effect) => effect === options.decision);
  if (options.decision !== undefined && !decision) {
    throw usage(`--decision is one of ${EFFECTS.join(', ')}, not "${options.decision}".`, 'See --help.');
  }
  const limit = parseInteger(options.limit, '--limit', 1, 100_000);
  const decisions = await withStore(io, options, async (store) =>
    listDecisions(store, {
      limit,
      ...(decision ? { decision } : {}),
      ...(action === undefined ? {} : { action }),
      ...(actor === undefined ? {} : { actor }),
      ...(since === undefined ? {} : { since: parseMoment(since, systemClock.now()) }),
      ...(options.task === undefined ? {} : { task: await store.tasks.resolve(options.task) }),
    }),
  );
  print(io, options, { decisions }, (told) => {
    if (told.decisions.length === 0) return 'No decision is recorded.';
    const paint = paintFor(io);
    const shade = { allow: paint.good, ask: paint.warn, deny: paint.bad };
    return told.decisions
      .map((record) => {
        const says = shade[record.decision](record.decision.padEnd(5));
        const head = `${record.id}  ${record.time.slice(0, 19).replace('T', ' ')}  ${says}  ${whoOf(record)}`;
        return `${head}\n  ${clip(`${actionOf(record)}: ${record.reason}`, io.columns - 2)}`;
      })
      .join('\n');
  });
}

export async function show(io: Io, id: string, options: CommonOptions): Promise<void> {
  if (id.trim() === '') {
    throw usage('The id of a decision is empty.', 'List them with `signalbox policy decisions list`.');
  }
  const found = await withStore(io, options, async (store) => findDecision(store, id));
  print(io, options, found, ({ record, outcomes, seq }) => {
    const paint = paintFor(io);
    const head = `${paint.bold(record.id)}, entry ${seq}, ${record.time}\n${whoOf(record)} asked for ${actionOf(record)}`;
    const layers = record.layers
      .filter(({ state }) => state !== 'absent')
      .map(
        ({ scope, path, state, digest }) => `  ${scope} ${path} (${state}) ${paint.dim(String(digest).slice(0, 19))}`,
      );
    const ends = outcomes.map(({ allowed, approval, by, exit, agrees }) =>
      [
        `outcome: ${allowed === false ? 'refused' : 'done'}`,
        approval ? `by ${by ?? 'nobody in time'} (${approval})` : '',
        typeof exit === 'number' ? `exit ${exit}` : '',
        agrees === false ? paint.bad('what happened disagrees with it') : '',
      ]
        .filter((part) => part !== '')
        .join(', '),
    );
    const body = [head, describeDecision(record, io), 'policy:', ...layers, ...ends];
    return wrapText(body.join('\n'), io.columns, 4);
  });
}

function whoOf({ request }: PolicyDecisionRecord): string {
  const { kind, id } = request['subject'] as { kind: string; id: string };
  return kind === 'system' ? 'system' : `${kind}:${id}`;
}

function actionOf({ request }: PolicyDecisionRecord): string {
  const { name, command, argv, tool } = request['action'] as Record<string, string | string[] | undefined>;
  const { path, host } = request['resource'] as Record<string, string | undefined>;
  const about = command ?? (Array.isArray(argv) ? argv.join(' ') : undefined) ?? path ?? host ?? tool;
  return about === undefined ? String(name) : `${name} \`${about}\``;
}
