import { type CharSet, PATH_CHARS, SEGMENT_CHARS, SLASH_ONLY } from './char-set.js';
import type { Token } from './expand.js';
import { charsOf } from './scan.js';

export interface Move {
  readonly on: CharSet;
  readonly to: number;
  /** True inside a `**` segment, the only place where the leading `/` of an absolute path is accepted. */
  readonly deep: boolean;
}

/** A nondeterministic automaton over the characters of a path, without empty moves; state 0 is the start. */
export interface Automaton {
  /** Indexed by state. */
  readonly moves: readonly (readonly Move[])[];
  /** Indexed by state: true where the path may end. */
  readonly accepts: readonly boolean[];
}

interface Draft {
  moves: Move[][];
  empty: number[][];
}

/**
 * Compiles brace-free alternatives. Common beginnings and endings share their states, so that `{a,b}{a,b}…tail` does not
 * cost a copy of the tail per alternative.
 */
export function buildAutomaton(alternatives: readonly (readonly Token[])[]): Automaton {
  const draft: Draft = { moves: [], empty: [] };
  const accepting = new Set<number>();
  const known = new Map<string, number>();
  const start = buildState(alternatives, 0, { draft, accepting, known });
  return withoutEmptyMoves(draft, accepting, start);
}

interface Build {
  draft: Draft;
  accepting: Set<number>;
  known: Map<string, number>;
}

// One state per set of equal remainders: first group by the next token, then reuse a state with the same outgoing edges.
function buildState(alternatives: readonly (readonly Token[])[], depth: number, build: Build): number {
  const groups = new Map<string, (readonly Token[])[]>();
  let accepts = false;
  for (const tokens of alternatives) {
    const token = tokens[depth];
    if (!token) {
      accepts = true;
      continue;
    }
    const key = tokenKey(token);
    const group = groups.get(key);
    if (group) group.push(tokens);
    else groups.set(key, [tokens]);
  }
  const edges = [...groups].map(([key, group]) => {
    const token = group[0]?.[depth] as Token;
    return { key, token, to: buildState(group, depth + 1, build) };
  });
  const signature = `${accepts}|${edges.map((edge) => `${edge.key}>${edge.to}`).join('|')}`;
  const same = build.known.get(signature);
  if (same !== undefined) return same;
  const state = addState(build.draft);
  if (accepts) build.accepting.add(state);
  for (const edge of edges) addEdge(build.draft, state, edge.token, edge.to);
  build.known.set(signature, state);
  return state;
}

function tokenKey(token: Token): string {
  if (token.kind === 'char') return `c${token.codePoint}`;
  return token.kind === 'class' ? `[${token.text}` : token.kind;
}

function addState(draft: Draft): number {
  draft.moves.push([]);
  draft.empty.push([]);
  return draft.moves.length - 1;
}

function addEdge(draft: Draft, from: number, token: Token, to: number): void {
  if (token.kind === 'char' || token.kind === 'class' || token.kind === 'slash') {
    draft.moves[from]?.push({ on: charsOf(token) as CharSet, to, deep: false });
    return;
  }
  const loop = addState(draft);
  draft.empty[from]?.push(loop);
  const deep = token.kind !== 'star';
  draft.moves[loop]?.push({ on: deep ? PATH_CHARS : SEGMENT_CHARS, to: loop, deep });
  if (token.kind === 'skip') {
    draft.empty[from]?.push(to);
    draft.moves[loop]?.push({ on: SLASH_ONLY, to, deep });
  } else {
    draft.empty[loop]?.push(to);
  }
}

function withoutEmptyMoves(draft: Draft, accepting: ReadonlySet<number>, start: number): Automaton {
  const moves: Move[][] = [];
  const accepts: boolean[] = [];
  const renumbered = new Map<number, number>([[start, 0]]);
  const pending = [start];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const reachable = emptyClosure(draft, next);
    const state = renumbered.get(next) as number;
    accepts[state] = reachable.some((each) => accepting.has(each));
    moves[state] = reachable
      .flatMap((each) => draft.moves[each] ?? [])
      .map((move) => {
        let to = renumbered.get(move.to);
        if (to === undefined) {
          to = renumbered.size;
          renumbered.set(move.to, to);
          pending.push(move.to);
        }
        return { ...move, to };
      });
  }
  return { moves, accepts };
}

function emptyClosure(draft: Draft, from: number): number[] {
  const seen = new Set([from]);
  for (const state of seen) for (const next of draft.empty[state] ?? []) seen.add(next);
  return [...seen];
}
