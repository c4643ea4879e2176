import { measureDecisions } from '../policy/decisions.mjs';
import { measureFindings } from '../policy/findings.mjs';
import { measureLines } from '../policy/lines.mjs';
import { measureLoading } from '../policy/loading.mjs';

export const suite = {
  name: 'policy',
  title: 'decisions, against Cedar; shell lines; conflicts',

  async figures({ reps, folder, say }) {
    say('deciding …');
    const decisions = await measureDecisions(reps, folder);
    say('judging lines …');
    const lines = await measureLines(reps, folder);
    say('checking and loading …');
    const findings = await measureFindings(reps, folder);
    const loading = await measureLoading(reps, folder);
    return [...decisions, ...lines, ...findings, ...loading];
  },
};
