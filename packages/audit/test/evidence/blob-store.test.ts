import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Digest, sha256 } from '@signalbox/kernel';
import { createTempDir, type TempDir } from '@signalbox/testkit';
import { type BlobStore, openBlobStore } from '../../src/index.js';

let dir: TempDir;
let blobs: BlobStore;
beforeEach(() => {
  dir = createTempDir();
  blobs = openBlobStore(join(dir.path, 'blobs'));
});
afterEach(() => dir.remove());

const fileOf = (digest: Digest): string => {
  const hex = digest.slice('sha256:'.length);
  return join(dir.path, 'blobs', 'sha256', hex.slice(0, 2), hex.slice(2));
};
const allFiles = (): string[] =>
  readdirSync(join(dir.path, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => each.name);

describe('a blob store', () => {
  it('gives back the bytes it was given, under their digest', async () => {
    const bytes = Buffer.from([0, 255, 10, 13]);
    const blob = await blobs.put(bytes);
    expect(blob).toEqual({ digest: sha256(bytes), size: 4 });
    expect(await blobs.get(blob.digest)).toEqual(bytes);
    expect(readFileSync(fileOf(blob.digest))).toEqual(bytes);
  });

  it('stores a string as UTF-8, and nothing at all as well', async () => {
    expect(await blobs.put('Größe')).toEqual({ digest: sha256('Größe'), size: 7 });
    const empty = await blobs.put('');
    expect(empty.size).toBe(0);
    expect(await blobs.get(empty.digest)).toHaveLength(0);
  });

  it('stores a file of many chunks', async () => {
    const bytes = Buffer.alloc(300_000, 'signalbox ');
    const path = join(dir.path, 'big');
    writeFileSync(path, bytes);
    expect(await blobs.putFile(path)).toEqual({ digest: sha256(bytes), size: bytes.length });
  });

  it('keeps the same content once and leaves no temporary files', async () => {
    await Promise.all([blobs.put('same'), blobs.put('same'), blobs.put('same')]);
    await blobs.put('other');
    expect(allFiles()).toHaveLength(2);
  });

  it('leaves nothing behind when the source cannot be read', async () => {
    await expect(blobs.putFile(join(dir.path, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(allFiles()).toEqual([]);
  });

  it('is readable for its owner only', async () => {
    const { digest } = await blobs.put('private');
    expect(statSync(fileOf(digest)).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir.path, 'blobs')).mode & 0o777).toBe(0o700);
  });

  it('says that a blob is missing, also for something that is no digest', async () => {
    const digest = sha256('never stored');
    expect(await blobs.has(digest)).toBe(false);
    await expect(blobs.get(digest)).rejects.toMatchObject({ code: 'BLOB_MISSING', details: { digest } });
    for (const odd of ['sha256:../../../etc/passwd', 'md5:00', '']) {
      expect(await blobs.has(odd as Digest)).toBe(false);
      await expect(blobs.get(odd as Digest)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    }
  });

  it('does not give out a blob that was changed on disk, and replaces it when the content comes again', async () => {
    const { digest } = await blobs.put('the truth');
    chmodSync(fileOf(digest), 0o600);
    writeFileSync(fileOf(digest), 'a lie');
    expect(await blobs.has(digest)).toBe(true);
    await expect(blobs.get(digest)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await blobs.put('the truth');
    expect((await blobs.get(digest)).toString()).toBe('the truth');
  });

  it('reports other failures of the file system as they are', async () => {
    const digest = sha256('a folder in its place');
    mkdirSync(fileOf(digest), { recursive: true });
    await expect(blobs.get(digest)).rejects.toMatchObject({ code: 'EISDIR' });
    writeFileSync(join(dir.path, 'file'), '');
    await expect(openBlobStore(join(dir.path, 'file')).has(digest)).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
