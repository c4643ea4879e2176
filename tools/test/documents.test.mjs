import { describe, expect, it } from '@jest/globals';
import { checkLinks, countLines } from '../checks/documents.mjs';
import { root } from '../lib/run.mjs';
import { withTree } from './plant.mjs';

describe('the documents', () => {
  it('link to files that are there', () => {
    expect(checkLinks(root)).toEqual([]);
  });

  it('leave AGENTS.md short enough to be read at every start: under 60 lines', () => {
    expect(countLines(root, 'AGENTS.md')).toBeLessThan(60);
  });
});

describe('the check of links', () => {
  const check = (text, file = 'docs/guide/a.md') => withTree({ [file]: text, 'docs/b.md': '# B\n' }, checkLinks);

  it.each([
    ['inline', '[b](../c.md)'],
    ['with a title', '[b](../c.md "C")'],
    ['of an image', '![b](../c.md)'],
    ['with an anchor', '[b](../c.md#top)'],
    ['by reference', '[b]\n\n[b]: ../c.md'],
    ['in HTML', '<a href="../c.md">b</a>'],
  ])('finds one %s that leads nowhere', (_, text) => {
    expect(check(text)).toEqual(['docs/guide/a.md links to ../c.md']);
  });

  it('finds one that leads out of the repository', () => {
    expect(check('[b](../../../etc)')).toEqual(['docs/guide/a.md links to ../../../etc']);
  });

  it('takes files, folders, anchors and addresses', () => {
    expect(check('[b](../b.md#b) [g](../guide) [r](/docs/b.md) [t](#top) [w](https://example.invalid)')).toEqual([]);
  });

  it('does not look into code', () => {
    expect(check('`[b](c.md)`\n\n```md\n[b](c.md)\n```\n')).toEqual([]);
  });

  it('looks at the README of a package as well', () => {
    expect(check('[b](src/no.ts)', 'packages/kernel/README.md')).toEqual([
      'packages/kernel/README.md links to src/no.ts',
    ]);
  });
});
