import { decide, evaluateRequest } from '@signalbox/policy';
import { rateRatioFigure, timeFigure } from '../figures.mjs';
import { measureAlone, measurePairs, timedEach } from '../measure.mjs';
import { loadCedar } from './cedar.mjs';
import { createRequests, load, writeRules } from './rules.mjs';

const DECISIONS = 2_000;
const WARM_UP = 20_000;
const CEDAR_WARM_UP = 3_000;
const CEDAR_DECISIONS = 100;
const CEDAR_STATELESS = 5;
const what = 'decisions';
const BOUNDS = new Map([
  [20, 5],
  [200, 15],
]);

/** Decisions about files under so many rules, ours and Cedar's of the same rules and requests in turn. */
export async function measureDecisions(reps, folder) {
  const openCedar = await loadCedar();
  const figures = [];
  for (const [count, bound] of BOUNDS) {
    const { yaml, cedar } = writeRules(count);
    const policy = load(yaml, folder);
    const requests = createRequests();
    const time = Date.now();
    const request = (n) => requests[n % requests.length];
    const evaluate = () => timedEach(DECISIONS, (n) => evaluateRequest(policy, request(n), time).decision);
    const record = () =>
      timedEach(DECISIONS / 10, (n) => decide(policy, request(n), { id: `pdr_${n}`, time }).decision);
    // Until it is compiled: a process that decides often is what is asked about.
    timedEach(WARM_UP, (n) => evaluateRequest(policy, request(n), time));
    timedEach(WARM_UP, (n) => decide(policy, request(n), { id: `pdr_${n}`, time }));
    const under = `under ${count} rules`;
    figures.push(
      timeFigure(`decide a file.write ${under}`, await measureAlone(reps, evaluate), { unit: 'µs', bound }),
      timeFigure(`the same with its whole record ${under}`, await measureAlone(reps, record), { unit: 'µs' }),
    );
    if (openCedar === null) continue;
    const peer = openCedar(`bench-${count}`, cedar);
    for (const each of requests) {
      const [ours, theirs] = [evaluateRequest(policy, each, time).decision, peer.prepared(each)];
      if (ours !== theirs) throw new Error(`${each.resource.path}: ${ours}, and Cedar says ${theirs}`);
    }
    timedEach(CEDAR_WARM_UP, (n) => peer.prepared(request(n)));
    const prepared = () => timedEach(CEDAR_DECISIONS, (n) => peer.prepared(request(n)));
    const stateless = () => timedEach(CEDAR_STATELESS, (n) => peer.stateless(request(n)));
    figures.push(
      rateRatioFigure(
        `against Cedar with its policies prepared, ${under}`,
        await measurePairs(reps, prepared, evaluate),
        {
          what,
          bound: 20,
        },
      ),
      rateRatioFigure(
        `against Cedar given its policies as text, ${under}`,
        await measurePairs(reps, stateless, evaluate),
        {
          what,
        },
      ),
      rateRatioFigure(
        `with its whole record against Cedar prepared, ${under}`,
        await measurePairs(reps, prepared, record),
        {
          what,
        },
      ),
    );
  }
  return figures;
}
