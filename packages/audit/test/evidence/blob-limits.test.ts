import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Digest, sha256 } from '@signalbox/kernel';
import { createTempDir, FAKE_START, type TempDir } from '@signalbox/testkit';
import { type BlobStore, checkBlobs, limitBlobs, openBlobStore } from '../../src/index.js';

let dir: TempDir;
let blobs: BlobStore;
const store = (): string => join(dir.path, 'blobs');
beforeEach(() => {
  dir = createTempDir();
  blobs = openBlobStore(store(), { maxBlobBytes: 1_000 });
});
afterEach(() => dir.remove());

const place = (kind: string, digest: Digest): string => join(store(), kind, digest.slice(7, 9), digest.slice(9));
const removal = { reason: 'it held a name', at: FAKE_START };

describe('the size limit of a blob', () => {
  it('refuses what is larger, from memory and from a file, and leaves nothing of it', async () => {
    const large = Buffer.alloc(1_001);
    const file = join(dir.path, 'large');
    writeFileSync(file, large);
    for (const put of [blobs.put(large), blobs.putFile(file), blobs.add('12345', { maxBytes: 4 })]) {
      await expect(put).rejects.toMatchObject({ code: 'BLOB_TOO_LARGE' });
    }
    expect(await blobs.measure()).toEqual({ blobs: 0, bytes: 0, removed: 0 });
    expect((await blobs.put(large.subarray(1))).size).toBe(1_000);
  });
});

describe('deduplication', () => {
  it('is shown: by add, by the count of the store, and by the use of an attempt', async () => {
    expect(await blobs.add('same')).toEqual({ digest: sha256('same'), size: 4, isNew: true });
    expect(await blobs.add('same')).toMatchObject({ isNew: false });
    const attempt = limitBlobs(blobs, { maxTotalBytes: 100 });
    await attempt.put('same');
    await attempt.put('other');
    expect(attempt.usage()).toEqual({ puts: 2, bytes: 9, shared: 1, sharedBytes: 4 });
    expect(await blobs.measure()).toEqual({ blobs: 2, bytes: 9, removed: 0 });
  });
});

describe('limitBlobs', () => {
  it('refuses what exceeds the sum of an attempt, counting what it stored before', async () => {
    const attempt = limitBlobs(blobs, { maxTotalBytes: 10, usedBytes: 3 });
    await attempt.put('12345');
    const file = join(dir.path, 'three');
    writeFileSync(file, '678');
    await expect(attempt.putFile(file)).rejects.toMatchObject({ code: 'BLOB_QUOTA', details: { maxTotalBytes: 10 } });
    writeFileSync(file, '67');
    await attempt.putFile(file);
    await expect(attempt.put('x')).rejects.toMatchObject({ code: 'BLOB_QUOTA' });
    await attempt.put('');
  });

  it('tells the limit of the store from that of the attempt, and other failures from both', async () => {
    const attempt = limitBlobs(blobs, { maxTotalBytes: 5_000 });
    await expect(attempt.put(Buffer.alloc(2_000))).rejects.toMatchObject({ code: 'BLOB_TOO_LARGE' });
    await expect(attempt.putFile(join(dir.path, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a removed blob', () => {
  it('is gone, and says when and why', async () => {
    const { digest } = await blobs.put('a name');
    const tombstone = await blobs.remove(digest, removal);
    expect(tombstone).toEqual({
      digest,
      size: 6,
      removedAt: '2026-01-01T00:00:00.000Z',
      reason: 'it held a name',
      keepOut: false,
    });
    expect(existsSync(place('sha256', digest))).toBe(false);
    expect(await blobs.has(digest)).toBe(false);
    await expect(blobs.get(digest)).rejects.toMatchObject({
      code: 'BLOB_REMOVED',
      message: expect.stringContaining('was removed, on 2026-01-01T00:00:00.000Z, because it held a name'),
    });
    expect(await blobs.check(digest)).toEqual({ state: 'removed', tombstone });
    expect(await blobs.remove(digest, { reason: 'again', at: FAKE_START + 1 })).toEqual(tombstone);
    expect(await blobs.measure()).toEqual({ blobs: 0, bytes: 0, removed: 1 });
  });

  it('comes back with the same content, unless it is to be kept out', async () => {
    const { digest } = await blobs.put('back');
    await blobs.remove(digest, removal);
    expect(await blobs.add('back')).toMatchObject({ isNew: true });
    expect((await blobs.get(digest)).toString()).toBe('back');
    await blobs.remove(digest, { ...removal, keepOut: true });
    await expect(blobs.put('back')).rejects.toMatchObject({ code: 'BLOB_REMOVED' });
    expect(await blobs.has(digest)).toBe(false);
  });

  it('counts as removed also when a crash left the file beside its tombstone', async () => {
    const { digest } = await blobs.put('half');
    await blobs.remove(digest, removal);
    writeFileSync(place('sha256', digest), 'half');
    expect(await blobs.has(digest)).toBe(false);
    await blobs.remove(digest, removal);
    expect(existsSync(place('sha256', digest))).toBe(false);
  });

  it('must have been there, and its tombstone must be one', async () => {
    await expect(blobs.remove(sha256('never'), removal)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    await expect(blobs.remove('md5:00' as Digest, removal)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    const { digest } = await blobs.put('x');
    await blobs.remove(digest, removal);
    const good = { digest, size: 1, removedAt: '', reason: '', keepOut: true };
    for (const text of [
      '{',
      '{}',
      JSON.stringify({ ...good, keepOut: 1 }),
      JSON.stringify({ ...good, digest: sha256('y') }),
    ]) {
      writeFileSync(place('removed', digest), text);
      expect(await blobs.check(digest)).toEqual({ state: 'missing' });
    }
  });
});

describe('checkBlobs', () => {
  it('says of each blob what became of it', async () => {
    const [whole, removed, lost, changed, small] = await Promise.all(
      ['a', 'bb', 'c', 'd', 'e'].map((text) => blobs.put(text)),
    );
    if (!whole || !removed || !lost || !changed || !small) throw new Error('nothing stored');
    await blobs.remove(removed.digest, removal);
    await blobs.remove(small.digest, removal);
    rmSync(place('sha256', lost.digest));
    writeFileSync(place('sha256', changed.digest), 'D');
    const checked = await checkBlobs(blobs, [whole, whole, removed, lost, changed, { ...small, size: 9 }]);
    expect(checked.map(({ state, says }) => [state, says])).toEqual([
      ['whole', 'It is what was stored.'],
      ['removed', 'It was removed, on 2026-01-01T00:00:00.000Z, because it held a name.'],
      ['missing', 'It is gone, and nothing says why.'],
      ['corrupt', 'It was changed on the disk.'],
      ['missing', 'It is gone, and nothing says why.'], // a tombstone of something else
    ]);
  });
});
