import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { examplesIn, listExamples, runExample } from '../checks/examples.mjs';
import { root } from '../lib/run.mjs';

describe('the examples in the READMEs and in docs/', () => {
  it.each(listExamples(root))(
    'run: $at',
    async (example) => {
      expect(await runExample(root, example)).toBeNull();
    },
    60_000,
  );
});

describe('an example', () => {
  const block = (mark, code) => `# Title\n\n\`\`\`${mark}\n${code}\n\`\`\`\n`;

  it('is a block of js or ts that begins with an import', () => {
    expect(examplesIn('a.md', block('js', "import 'a';"))).toEqual([
      { at: 'a.md:3', language: 'js', code: "import 'a';\n" },
    ]);
    expect(examplesIn('a.md', block('ts', "import 'a';"))).toHaveLength(1);
    expect(examplesIn('a.md', block('js', 'const fragment = 1;'))).toEqual([]);
    expect(examplesIn('a.md', block('jsx', "import 'a';"))).toEqual([]);
    expect(examplesIn('a.md', block('json', "import 'a';"))).toEqual([]);
  });

  it('is not run when it is marked no-run', () => {
    expect(examplesIn('a.md', block('js no-run', "import 'a';"))).toEqual([]);
  });

  it('fails with what it said, and its folder goes', async () => {
    const code = "import 'node:fs';\nthrow new Error('in <' + process.cwd() + '>');\n";
    const said = await runExample(root, { language: 'js', code });
    const folder = /Error: in <(.+)>/.exec(said)?.[1];
    expect(folder).toContain(join(root, 'node_modules'));
    expect(existsSync(folder)).toBe(false);
  });

  it('fails when it does not end', async () => {
    const code = "import 'node:fs';\nsetInterval(() => {}, 1000);\n";
    expect(await runExample(root, { language: 'js', code }, 300)).not.toBeNull();
  });

  it('may be written in TypeScript', async () => {
    const code = "import { equal } from 'node:assert';\nconst one = 1 as const satisfies number;\nequal(one, 1);\n";
    expect(await runExample(root, { language: 'ts', code })).toBeNull();
  });
});
