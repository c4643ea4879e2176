/** What a line of the Test Anything Protocol says, its indentation set aside. Everything unknown is `other`, as TAP 14 asks. */
export type TapLine =
  | { kind: 'plan'; count: number }
  | {
      kind: 'point';
      ok: boolean;
      id: number | undefined;
      name: string;
      directive: TapDirective | undefined;
      opens: boolean;
    }
  | { kind: 'bail-out'; reason: string }
  /** A number that a tool states at the end: `# tests 3`. */
  | { kind: 'count'; what: string; count: number }
  | { kind: 'yaml' }
  | { kind: 'other' };

export interface TapDirective {
  what: 'skip' | 'todo';
  reason: string;
}

const PLAN = /^1\.\.(\d{1,15})\s*(?:#.*)?$/;
const POINT = /^(not )?ok(?![A-Za-z0-9_])\s*(\d{1,15})?(?![A-Za-z0-9_.])\s*(?:- )?(.*)$/;
const COUNT = /^# (tests|suites|pass|fail|cancelled|skipped|todo)\s+(\d{1,15})$/;
// A number sign behind an odd number of backslashes is part of the name.
const DIRECTIVE = /(?<!\\)(?:\\\\){0,8}\s*#\s*(skip|todo)(?!\w{8})\S*\s*(.*)$/i;

export function readTapLine(line: string): TapLine {
  const plan = PLAN.exec(line)?.[1];
  if (plan !== undefined) return { kind: 'plan', count: Number(plan) };
  const point = POINT.exec(line);
  if (point) return readPoint(point);
  if (/^Bail out!/i.test(line)) return { kind: 'bail-out', reason: line.slice('Bail out!'.length).trim() };
  const count = COUNT.exec(line);
  if (count) return { kind: 'count', what: count[1] ?? '', count: Number(count[2]) };
  return { kind: line === '---' ? 'yaml' : 'other' };
}

function readPoint([, not, id, rest = '']: RegExpExecArray): TapLine {
  const opens = /\s*\{$/.test(rest);
  const text = opens ? rest.replace(/\s*\{$/, '') : rest;
  const directive = DIRECTIVE.exec(text.slice(-DIRECTIVE_LENGTH));
  const what = directive?.[1]?.toLowerCase() as TapDirective['what'] | undefined;
  const name = directive ? text.slice(0, text.length - directive[0].length) : text;
  return {
    kind: 'point',
    ok: not === undefined,
    id: id === undefined ? undefined : Number(id),
    name: name.trim().replace(/\\([\\#])/g, '$1'),
    directive: what && { what, reason: directive?.[2] ?? '' },
    opens,
  };
}

/** A directive is looked for in so many characters at the end, so that no line costs more than its length. */
const DIRECTIVE_LENGTH = 1_000;
