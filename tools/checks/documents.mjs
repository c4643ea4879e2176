import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { listFiles } from './workspace.mjs';

const TOP_LEVEL = ['README.md', 'CONTRIBUTING.md', 'AGENTS.md'];

/** The documents that a reader of the repository is led to, relative to the root. */
export function listDocuments(root) {
  const ofPackages = ['packages', 'apps']
    .flatMap((parent) => listFiles(root, parent, ['.md']))
    .filter((file) => /^[^/]+\/[^/]+\/README\.md$/.test(file));
  return [
    ...TOP_LEVEL.filter((file) => existsSync(join(root, file))),
    ...listFiles(root, 'docs', ['.md']),
    ...ofPackages,
  ];
}

/** Relative links that lead nowhere, or out of the repository. */
export function checkLinks(root) {
  return listDocuments(root).flatMap((file) =>
    linksIn(readFileSync(join(root, file), 'utf8'))
      .map((target) => target.replace(/[?#].*$/, ''))
      .filter((target) => target !== '' && !/^[a-z][a-z+.-]*:/i.test(target))
      .filter((target) => !leadsToFile(root, file, decodeURI(target)))
      .map((target) => `${file} links to ${target}`),
  );
}

function linksIn(text) {
  const prose = withoutCode(text);
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+["'(][^)]*)?\)/g)];
  const references = [...prose.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm)];
  const html = [...prose.matchAll(/<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]+)"/g)];
  return [...inline, ...references, ...html].map((match) => match[1]);
}

function withoutCode(text) {
  return text.replace(/^( *)(```+|~~~+)[\s\S]*?^ *\2 *$/gm, '').replace(/`[^`\n]*`/g, '');
}

function leadsToFile(root, from, target) {
  const path = target.startsWith('/') ? join(root, target) : join(root, dirname(from), target);
  return !relative(root, path).startsWith('..') && existsSync(path);
}

/** How many lines a document has; 0 where there is none. */
export function countLines(root, file) {
  const path = join(root, file);
  if (!existsSync(path) || !statSync(path).isFile()) return 0;
  return readFileSync(path, 'utf8').replace(/\n$/, '').split('\n').length;
}
