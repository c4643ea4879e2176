import { describe, expect, it } from '@jest/globals';
import type { Ledger, LedgerEntry } from '@signalbox/audit';
import { createGit } from '../src/index.js';
import { INTEGRATION_REF } from '../src/landing/integration.js';
import { expectedTips, guardIntegration } from '../src/landing/integration-guard.js';
import { withProject } from './support/bench.js';

/** A log of landings, in the order in which they were recorded: `intended a b` is a move from a to b. */
function logOf(...lines: string[]): Pick<Ledger, 'read'> {
  const entries = lines.map((line, index) => {
    const [what, first, second] = line.split(' ');
    const data = what === 'intended' ? { old: first === 'nothing' ? null : first, new: second } : { commit: first };
    return { seq: index + 1, kind: `landing.${what}`, data } as unknown as LedgerEntry;
  });
  return {
    read: ({ before = Infinity, limit = Infinity } = {}) =>
      entries
        .filter(({ seq }) => seq < before)
        .reverse()
        .slice(0, limit),
  };
}

describe('where the integration branch may be', () => {
  it.each([
    ['where it was landed last', ['intended w a', 'landed a', 'intended a b', 'landed b'], ['b']],
    ['where one was about to move it', ['intended w a', 'landed a', 'intended a b'], ['a', 'b']],
    ['nowhere that one would have moved it who came too late', ['intended w a', 'intended w b', 'landed b'], ['b']],
    [
      'where later landings have moved it, when an earlier one is recorded after them',
      ['intended w a', 'intended a b', 'landed b', 'intended b c', 'landed c', 'landed a'],
      ['c'],
    ],
    [
      'so as well while the next one is under way',
      ['intended w a', 'intended a b', 'landed b', 'intended b c', 'landed a'],
      ['b', 'c'],
    ],
    [
      'where a person has accepted it, whatever is recorded later of a landing before that',
      ['intended w a', 'accepted x', 'landed a'],
      ['x'],
    ],
    ['where it began', ['intended nothing a', 'prepared a'], ['a']],
    ['anywhere before the first landing', [], []],
  ])('is %s', (_what, log, tips) => {
    expect([...expectedTips(logOf(...log))].sort()).toEqual(tips);
  });

  it('is found far back in a long log', () => {
    const losers = Array.from({ length: 100 }, (_, n) => `intended w l${n}`);
    expect([...expectedTips(logOf('intended w a', ...losers, 'landed a'))]).toEqual(['a']);
  });
});

describe('the guard of the integration branch', () => {
  it('takes no offence when another has landed between the look at the branch and the look at the log', () =>
    withProject({}, async (project) => {
      const git = createGit(project.root, project.environment);
      const [old, next] = [project.git('rev-parse', 'main'), project.commitOn('main', 'src/b.txt', 'b')];
      project.git('update-ref', INTEGRATION_REF, next);
      const log = logOf(`intended x ${old}`, `landed ${old}`, `intended ${old} ${next}`, `landed ${next}`);
      expect(await guardIntegration(git, log, { commit: old, symbolic: false })).toBe(next);
      project.git('update-ref', INTEGRATION_REF, old);
      await expect(guardIntegration(git, log, { commit: old, symbolic: false })).rejects.toMatchObject({
        code: 'INTEGRATION_MOVED',
      });
    }));
});
