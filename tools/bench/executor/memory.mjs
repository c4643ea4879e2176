import { capture } from '../../lib/capture.mjs';
import { createProject } from '../project.mjs';

const program = new URL('./many-attempts.mjs', import.meta.url).pathname;
const ATTEMPTS = 1_000;
const STOPS = [100, 200, 500, ATTEMPTS];
const BOUND = 1.05;
const MB = 2 ** 20;
const TIMEOUT_MS = 600_000;

/** Memory of one process after 1,000 attempts, against after 200: by then all code is loaded and every cache is warm. */
export async function measureMemory(folder, say) {
  const { root, environment } = await createProject(folder);
  const args = ['--expose-gc', program, root, String(ATTEMPTS), STOPS.join(',')];
  const { code, stdout, stderr } = await capture(process.execPath, args, {
    cwd: root,
    env: environment,
    timeoutMs: TIMEOUT_MS,
  });
  if (code !== 0) throw new Error(`the attempts ended with ${code}: ${stderr}`);
  const looks = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const { attempts, rss, heap } of looks) {
    say(
      `after ${attempts} attempts: ${Math.round(rss / MB)} MB resident, ${(heap / MB).toFixed(1)} MB of heap and buffers`,
    );
  }
  return [growth('heap and buffers', 'heap', looks, BOUND), growth('resident memory', 'rss', looks, BOUND)];
}

function growth(what, key, looks, bound) {
  const [baseline, subject] = [200, ATTEMPTS].map((n) => looks.find(({ attempts }) => attempts === n)[key] / MB);
  const value = Number((subject / baseline).toPrecision(4));
  const rounded = (number) => Number(number.toPrecision(4));
  return {
    name: `${what} after 1,000 attempts, against after 200`,
    ...{ value, unit: 'x', baseline: rounded(baseline), bound, ok: value <= bound, better: 'lower' },
    ...{ subject: rounded(subject), measuredIn: 'MB', range: [value, value] },
  };
}
