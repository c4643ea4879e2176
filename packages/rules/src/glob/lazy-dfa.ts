import { type CharSet, hasChar, SLASH, SLASH_ONLY } from './char-set.js';
import { automatonOf, type Glob } from './glob.js';

/** The state from which no path is accepted. */
export const DEAD = -1;

const UNKNOWN = -2;
const ASCII = 128;
/** Remembered moves of one state on other characters, of which a text can have very many. */
const MAX_OTHERS = 64;

type Place = 'start' | 'segment' | 'separator';

interface State {
  readonly place: Place;
  /** States of the glob's own automaton. */
  readonly members: readonly number[];
  readonly accepts: boolean;
  /** Indexed by code point. */
  readonly ascii: Int32Array;
  readonly others: Map<number, number>;
}

/**
 * A glob as a deterministic automaton whose states are built when they are first reached. Accepts exactly what
 * `matchesGlob` does, for text without halves of surrogate pairs. There can be exponentially many states, so whoever walks
 * it watches `size`.
 */
export class LazyDfa {
  readonly start = 0;
  readonly #states: State[] = [];
  readonly #known = new Map<string, number>();
  readonly #automaton: ReturnType<typeof automatonOf>;

  constructor(glob: Glob) {
    this.#automaton = automatonOf(glob);
    this.#intern('start', [0]);
  }

  /** States built so far. */
  get size(): number {
    return this.#states.length;
  }

  /** States of the nondeterministic automaton behind it: what building one move costs. */
  get width(): number {
    return this.#automaton.moves.length;
  }

  next(from: number, codePoint: number): number {
    const state = this.#states[from] as State;
    const known = codePoint < ASCII ? (state.ascii[codePoint] as number) : (state.others.get(codePoint) ?? UNKNOWN);
    if (known !== UNKNOWN) return known;
    const to = this.#step(state, codePoint);
    if (codePoint < ASCII) state.ascii[codePoint] = to;
    else if (state.others.size < MAX_OTHERS) state.others.set(codePoint, to);
    return to;
  }

  accepts(state: number): boolean {
    return (this.#states[state] as State).accepts;
  }

  /** The sets of characters that its moves are on, `/` among them; characters that none tells apart lead the same way. */
  charSets(): CharSet[] {
    const sets = this.#automaton.moves.flatMap((moves) => moves.map((move) => move.on));
    return [...new Map([...sets, SLASH_ONLY].map((set) => [set.join(';'), set])).values()];
  }

  #step({ place, members }: State, codePoint: number): number {
    const isSlash = codePoint === SLASH;
    if (isSlash && place === 'separator') return DEAD;
    const onlyDeep = isSlash && place === 'start';
    const reached = new Set<number>();
    for (const member of members) {
      for (const move of this.#automaton.moves[member] ?? []) {
        if (hasChar(move.on, codePoint) && (move.deep || !onlyDeep)) reached.add(move.to);
      }
    }
    if (reached.size === 0) return DEAD;
    return this.#intern(
      isSlash ? 'separator' : 'segment',
      [...reached].sort((a, b) => a - b),
    );
  }

  #intern(place: Place, members: readonly number[]): number {
    const key = `${place} ${members.join(' ')}`;
    let id = this.#known.get(key);
    if (id === undefined) {
      const accepts = place === 'segment' && members.some((member) => this.#automaton.accepts[member]);
      const ascii = new Int32Array(ASCII).fill(UNKNOWN);
      id = this.#states.push({ place, members, accepts, ascii, others: new Map() }) - 1;
      this.#known.set(key, id);
    }
    return id;
  }
}
