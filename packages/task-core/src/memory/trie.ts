interface Node<T> {
  children: Map<string, Node<T>>;
  values: Set<T>;
}

/** Values under paths, found by what lies on the way down to a path or below it. */
export interface Trie<T> {
  add(path: readonly string[], value: T): void;
  remove(path: readonly string[], value: T): void;
  /** The values at the beginnings of `path`, at `path`, and below it. Nothing else is looked at. */
  related(path: readonly string[]): Iterable<T>;
}

export function createTrie<T>(): Trie<T> {
  const root: Node<T> = { children: new Map(), values: new Set() };

  return {
    add(path, value) {
      let node = root;
      for (const step of path) {
        const known = node.children.get(step);
        const next: Node<T> = known ?? { children: new Map(), values: new Set() };
        if (!known) node.children.set(step, next);
        node = next;
      }
      node.values.add(value);
    },
    remove(path, value) {
      const way = [root];
      for (const step of path) {
        const next = way.at(-1)?.children.get(step);
        if (!next) return;
        way.push(next);
      }
      way.at(-1)?.values.delete(value);
      // What is empty is cut off, so that a search is as short as what is held, not as what has ever been held.
      for (let depth = path.length; depth > 0; depth--) {
        const node = way[depth] as Node<T>;
        if (node.values.size > 0 || node.children.size > 0) return;
        way[depth - 1]?.children.delete(path[depth - 1] as string);
      }
    },
    *related(path) {
      let node: Node<T> | undefined = root;
      for (const step of path) {
        yield* node.values;
        node = node.children.get(step);
        if (!node) return;
      }
      const open = [node];
      for (const each of open) {
        yield* each.values;
        open.push(...each.children.values());
      }
    },
  };
}
