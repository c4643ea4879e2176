import type { CollectContext } from '@signalbox/audit';
import type { Listing } from '@signalbox/audit/collectors';
import type { Change } from './change.js';

/** Our own state changes while an attempt goes on, and installed packages are nobody's work. */
export function isNoWork(path: string): boolean {
  return path === '.ai/state' || path === 'node_modules' || path.endsWith('/node_modules');
}

/** What an attempt changed in a folder without a repository, found by comparing listings. */
export async function collectListedChange(before: Listing, context: Omit<CollectContext, 'tree'>): Promise<Change> {
  const { compareListings, createListingDiffCollector, digestOfListing, takeListing } = await import(
    '@signalbox/audit/collectors'
  );
  const after = await takeListing(context.folder, { skip: isNoWork });
  const tree = digestOfListing(after);
  const changes = compareListings(before, after);
  const collector = createListingDiffCollector({ before, skip: isNoWork });
  return {
    paths: changes.flatMap(({ path, from }) => (from === undefined ? [path] : [from, path])).sort(),
    existing: changes.flatMap((change) => (change.before ? [change.from ?? change.path] : [])).sort(),
    nested: [],
    tree,
    redacted: false,
    drafts: await collector.collect({ ...context, tree }),
  };
}
