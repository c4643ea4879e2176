import { canonicalJson, digestOf, type JsonObject } from '@signalbox/kernel';
import { gradeOf } from '../assess-report.js';
import { draftEvidence, type EvidenceCollector } from '../collector.js';
import { compareListings, type ListedChange, type Listing, takeListing } from './listing.js';

export interface ListingDiffCollectorOptions {
  /** What `takeListing` gave before the work began, with the same `skip`. */
  before: Listing;
  skip?(path: string): boolean;
  maxFiles?: number;
}

const MAX_LISTED = 1_000;

/**
 * For a folder without a repository: keeps which files differ, with their digests, one canonical JSON line a file. It shows
 * that something changed and not what; the contents are not kept.
 */
export function createListingDiffCollector({ before, ...how }: ListingDiffCollectorOptions): EvidenceCollector {
  const self = { id: 'signalbox/listing-diff', kind: 'diff' };
  return {
    ...self,
    async collect(context) {
      const after = await takeListing(context.folder, { ...how, signal: context.signal });
      const changes = compareListings(before, after);
      if (changes.length === 0) return [];
      const content = changes.map((change) => `${canonicalJson(change)}\n`).join('');
      const summary: JsonObject = {
        files: changes.length,
        changes: changes.slice(0, MAX_LISTED).map(describe),
        ...(changes.length > MAX_LISTED ? { unlisted: changes.length - MAX_LISTED } : {}),
        before: digestOfListing(before),
        after: digestOfListing(after),
        applicable: false,
      };
      return [await draftEvidence(self, context, { content, grade: gradeOf('watched'), tree: context.tree, summary })];
    },
  };
}

/** One digest for a whole folder: of the canonical JSON of its sorted list of paths, modes and digests. */
export function digestOfListing(listing: Listing): string {
  const files = [...listing].sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(files.map(([path, { mode, digest }]) => [path, mode, digest]));
}

function describe({ path, status, from }: ListedChange): JsonObject {
  return { path, status, ...(from === undefined ? {} : { from }) };
}
