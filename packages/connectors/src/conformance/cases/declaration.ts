import { messageOf } from '@signalbox/kernel';
import { checkConnectorShape } from '../../connector-shape.js';
import { checkAgainstSchema } from '../../schema-check.js';
import type { CaseDefinition } from '../case.js';
import { must, violation } from '../violation.js';

const STRAY = 'noConnectorHasThisMember';

export const DECLARATION: readonly CaseDefinition[] = [
  {
    name: 'has the shape of a connector of version 1',
    about: 'apiVersion, id, kind, summary, configSchema, capabilities, environmentNames, probe and run are there.',
    async run({ subject }) {
      const problems = checkConnectorShape(subject.connector);
      must(problems.length === 0, problems.join(' '), 'See the doc comments of `Connector`.');
    },
  },
  {
    name: 'has a valid schema that accepts its own example configuration',
    about: 'configSchema is a JSON Schema of draft 7.',
    async run({ subject }) {
      const found = checkedBySchema(subject.connector.configSchema, subject.config ?? {});
      // Without an example only the schema itself is judged.
      const problems = subject.config ? found : [];
      const hint = 'Give the suite a `config` that fits, or mend the schema.';
      must(problems.length === 0, `The schema refuses the example: ${problems.join(' ')}`, hint);
    },
  },
  {
    name: 'refuses a configuration with unknown members',
    about: 'configSchema must refuse unknown members, so that a typing error is seen.',
    async run({ subject }) {
      const problems = checkedBySchema(subject.connector.configSchema, { ...subject.config, [STRAY]: true });
      const refused = problems.some((problem) => problem.includes(STRAY));
      must(refused, 'The schema accepts a member that it does not know.', 'Set `additionalProperties: false` in it.');
    },
  },
];

function checkedBySchema(...[schema, config]: Parameters<typeof checkAgainstSchema>): string[] {
  try {
    return checkAgainstSchema(schema, config);
  } catch (error) {
    throw violation(
      `"configSchema" is no valid JSON Schema: ${messageOf(error)}.`,
      'Write draft 7, without unknown keywords and formats.',
    );
  }
}
