import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskSpecInput } from '../../src/index.js';
import type { Dice } from './runs-seed.js';

/** What one task of the run is to do; its agent reads it. */
export interface Plan {
  name: string;
  /** Files to which it appends its name. */
  writes: string[];
  /** Files that it holds a shared lock on. */
  reads: string[];
  /** Names of earlier tasks whose names it must find. */
  needs: string[];
  /** Its first agent kills itself in the middle. */
  dies: boolean;
  /** Without locks it may meet others in a file: then its landing conflicts, and it does its work again. */
  isLocked: boolean;
}

export const LOCKED_FILES = Array.from({ length: 16 }, (_, n) => `data/f${n}.txt`);
export const FREE_FILES = Array.from({ length: 8 }, (_, n) => `free/g${n}.txt`);

export function planTasks(count: number, dice: Dice): Plan[] {
  const plans: Plan[] = [];
  for (let n = 0; n < count; n++) {
    const isLocked = dice.chance(0.85);
    const writes = isLocked ? dice.some(LOCKED_FILES, dice.pick([1, 1, 2, 3])) : [dice.pick(FREE_FILES)];
    const others = LOCKED_FILES.filter((file) => !writes.includes(file));
    plans.push({
      name: `t${n}`,
      ...{ writes, isLocked },
      reads: isLocked && dice.chance(0.25) ? dice.some(others, 2) : [],
      needs: dice.chance(0.2) ? dice.some(plans, dice.pick([1, 2])).map(({ name }) => name) : [],
      dies: dice.chance(0.08),
    });
  }
  return plans;
}

/** The same set of files in one of the forms that a glob can take. */
function globOf(files: readonly string[], dice: Dice): string[] {
  const names = files.map((file) => file.slice('data/'.length, -'.txt'.length));
  const isShort = names.every((name) => name.length === 2);
  return dice.pick([
    files.slice(),
    [files.length === 1 ? (files[0] ?? '') : `data/{${names.join(',')}}.txt`],
    isShort ? [`data/f[${names.map((name) => name.slice(1)).join('')}].txt`] : files.slice(),
  ]);
}

export function specOf(plan: Plan, place: string, ids: ReadonlyMap<string, string>, dice: Dice): TaskSpecInput {
  const locks = [
    ...(plan.isLocked ? globOf(plan.writes, dice).map((glob) => ({ glob, mode: 'exclusive' as const })) : []),
    ...plan.reads.map((glob) => ({ glob, mode: 'shared' as const })),
  ];
  return {
    title: plan.name,
    type: 'chore',
    ...{ locks, maxAttempts: 20 },
    needs: plan.needs.map((name) => ids.get(name) ?? ''),
    priority: dice.pick([-10, 0, 10]),
    checks: [`sh ${place}/check.sh ${plan.name}`],
  };
}

/**
 * An agent puts a marker (O_EXCL) for each file that it may write, and its check takes it away: whoever finds one of another
 * attempt notes whom it has met. What it finds amiss it notes as well.
 */
const AGENT = `
name=$(sed -n 's/^# //p;1q' "$SIGNALBOX_PROMPT_FILE")
me=$SIGNALBOX_ATTEMPT
note() { echo "$me $*" >> PLACE/notes; }
met() { read other < "$1" && [ "$other" != "$me" ] && note met "$other" "$1"; }
. PLACE/plans/$name
for file in $locked; do
  hold=PLACE/held/\${file##*/}
  ( set -C; echo $me > "$hold" ) 2> /dev/null || { met "$hold"; echo $me > "$hold.$me"; mv "$hold.$me" "$hold"; }
  for reader in "$hold".reader.*; do [ ! -e "$reader" ] || met "$reader"; done
done
for file in $reads; do
  hold=PLACE/held/\${file##*/}
  echo $me > "$hold.reader.$me"
  [ ! -e "$hold" ] || met "$hold"
done
for need in $needs; do
  ( . PLACE/plans/$need; for file in $writes; do grep -qx "$need" "$file" || note missing "$need" "$file"; done )
done
for file in $writes; do
  ! grep -qx "$name" "$file" || note twice "$file"
  echo "$name" >> "$file"
  [ "$dies" = no ] || ! mkdir PLACE/died/$name 2> /dev/null || kill -9 $$
done
for file in $locked; do
  read holder < PLACE/held/\${file##*/}
  [ "$holder" = "$me" ] || note robbed "$holder" "$file"
done
echo "$name"
`;

const CHECK = `
. PLACE/plans/$1
for file in $writes; do [ "$(grep -cx "$1" "$file")" = 1 ] || { echo "$1 is not once in $file"; exit 1; }; done
[ -n "\${SIGNALBOX_ATTEMPT-}" ] || exit 0
for file in $locked; do
  hold=PLACE/held/\${file##*/}
  if read holder < "$hold"; then [ "$holder" != "$SIGNALBOX_ATTEMPT" ] || rm "$hold"; fi 2> /dev/null
done
for file in $reads; do rm -f PLACE/held/\${file##*/}.reader.$SIGNALBOX_ATTEMPT; done
exit 0
`;

/** Writes what the agents and checks need. Returns the shell line of an AI. */
export function writeAgent(place: string, plans: readonly Plan[]): string {
  for (const folder of ['plans', 'held', 'died']) mkdirSync(join(place, folder));
  for (const { name, writes, reads, needs, dies, isLocked } of plans) {
    const lists = { writes, locked: isLocked ? writes : [], reads, needs, dies: [dies ? 'yes' : 'no'] };
    const lines = Object.entries(lists).map(([key, words]) => `${key}='${words.join(' ')}'\n`);
    writeFileSync(join(place, 'plans', name), lines.join(''));
  }
  for (const [file, text] of [
    ['agent.sh', AGENT],
    ['check.sh', CHECK],
  ] as const) {
    writeFileSync(join(place, file), text.replaceAll('PLACE', place));
    chmodSync(join(place, file), 0o755);
  }
  writeFileSync(join(place, 'notes'), '');
  return `exec sh ${place}/agent.sh`;
}
