import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Parses a file, so that a check sees code and neither comments nor the insides of strings. */
export function parseFile(root, file) {
  return ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
}

/** Calls `visit` for every node. */
export function visitAll(source, visit) {
  const step = (node) => {
    visit(node);
    ts.forEachChild(node, step);
  };
  step(source);
}

/** `file:line` of a node. */
export function placeOf(source, node) {
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`;
}

const LOADERS = new Set(['import', 'require', 'require.resolve', 'import.meta.resolve']);

/**
 * Every module that a file names: static, type-only and dynamic imports, `export … from`, `require`, types written
 * `import('x').T` and augmentations.
 *
 * @returns {{ specifier: string, at: string }[]}
 */
export function importsOf(source) {
  const found = [];
  visitAll(source, (node) => {
    const name = moduleNameOf(node);
    if (name && ts.isStringLiteralLike(name)) found.push({ specifier: name.text, at: placeOf(source, node) });
  });
  return found;
}

function moduleNameOf(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node)) return node.argument.literal;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isModuleDeclaration(node)) return node.name;
  if (ts.isCallExpression(node) && LOADERS.has(node.expression.getText())) return node.arguments[0];
  return undefined;
}
