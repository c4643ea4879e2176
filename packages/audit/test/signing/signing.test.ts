import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTempDir, FAKE_START, type TempDir } from '@signalbox/testkit';
import {
  checkpoints,
  createCheckpoint,
  createSigningKey,
  loadSigningKey,
  parseCheckpoint,
  parseVerifierKey,
  saveSigningKey,
  storeCheckpoint,
  verifierKey,
  verifyCheckpoint,
} from '../../src/index.js';
import { checkNote, parseNote, signNote } from '../../src/signing/signed-note.js';
import { createTestStore, entry } from '../support/store.js';

// From the documentation of Go's golang.org/x/mod/sumdb/note, whose format C2SP took over.
const GO_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const GO_NOTE =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
  '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
// The example of the C2SP checkpoint specification.
const C2SP_CHECKPOINT =
  'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
  '\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n';
const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const ledgerOf = (size: number, root = ROOT) => ({ head: () => ({ logId: 'log_1', size, root }) });

let dir: TempDir;
beforeEach(() => {
  dir = createTempDir();
});
afterEach(() => dir.remove());

describe('verifier keys', () => {
  it('reads and writes the C2SP form', () => {
    expect(verifierKey(parseVerifierKey(GO_KEY))).toBe(GO_KEY);
    expect(parseVerifierKey(GO_KEY)).toMatchObject({ name: 'PeterNeumann', keyHash: 'c74f20a3' });
  });

  it.each([
    ['a hash of another key', GO_KEY.replace('c74f20a3', 'c74f20a4')],
    ['another algorithm', GO_KEY.replace('+ARpc', '+BRpc')],
    ['a key cut short', GO_KEY.slice(0, -4)],
    ['base64 that is not strict', `${GO_KEY}=`],
    ['two parts only', 'PeterNeumann+c74f20a3'],
    ['a name with a space', GO_KEY.replace('PeterNeumann', 'Peter Neumann')],
  ])('refuses %s', (_, text) => {
    expect(() => parseVerifierKey(text)).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
  });
});

describe('signed notes', () => {
  it('verifies a note that another implementation signed', () => {
    const note = parseNote(GO_NOTE);
    expect(note && checkNote(note, parseVerifierKey(GO_KEY))).toBe('signed');
  });

  it('rejects any changed character of it', () => {
    for (let at = 0; at < GO_NOTE.length; at++) {
      const changed = GO_NOTE.slice(0, at) + (GO_NOTE[at] === 'x' ? 'y' : 'x') + GO_NOTE.slice(at + 1);
      const note = parseNote(changed);
      expect(note ? checkNote(note, parseVerifierKey(GO_KEY)) : 'malformed').not.toBe('signed');
    }
  });

  it('ignores signatures of unknown keys, and rejects a false one of a known key', () => {
    const key = createSigningKey('a.example/log');
    const other = createSigningKey('b.example/log');
    const note = signNote('text\n', key);
    const cosigned = parseNote(note + signNote('text\n', other).split('\n\n')[1]);
    expect(cosigned && checkNote(cosigned, key.verifier)).toBe('signed');
    expect(cosigned && checkNote(cosigned, createSigningKey('a.example/log').verifier)).toBe('not-signed');
    const forged = parseNote(note.replace('text', 'test'));
    expect(forged && checkNote(forged, key.verifier)).toBe('bad-signature');
  });

  it('refuses control characters, a missing signature and a signature that is no base64', () => {
    const signed = signNote('text\n', createSigningKey('a'));
    for (const bad of [
      'text\n',
      'text\n\n',
      signed.trimEnd(),
      signed.replace('t', '\t'),
      'text\n\n\u2014 a b!\n',
      'text\n\n\u2014 a YWI=\n',
    ]) {
      expect(parseNote(bad)).toBeUndefined();
    }
    expect(parseNote(`text\n\n${'\u2014 a YWJjZGVm\n'.repeat(101)}`)).toBeUndefined();
  });
});

describe('signing keys', () => {
  it('come back from their file with their name, and the file is for its owner only', () => {
    const file = join(dir.path, 'key.pem');
    const key = createSigningKey('signalbox.dev/log_1');
    saveSigningKey(file, key);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const loaded = loadSigningKey(file);
    expect(verifierKey(loaded)).toBe(verifierKey(key));
    expect(verifyCheckpoint(createCheckpoint(ledgerOf(3), loaded, FAKE_START), key.verifier)).toBe(true);
  });

  it('are never overwritten', () => {
    const file = join(dir.path, 'key.pem');
    saveSigningKey(file, createSigningKey('one'));
    const before = readFileSync(file);
    expect(() => saveSigningKey(file, createSigningKey('two'))).toThrow(
      expect.objectContaining({ code: 'KEY_EXISTS' }),
    );
    expect(readFileSync(file)).toEqual(before);
  });

  it('report a folder that cannot be written as it is', () => {
    const save = (): void => saveSigningKey(join(dir.path, 'none', 'key.pem'), createSigningKey('one'));
    expect(save).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  it.each(['', 'a b', 'a+b', 'a\n'])('cannot be named %j', (name) => {
    expect(() => createSigningKey(name)).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
  });

  it('are refused when the file is missing, has no name, or holds something else', () => {
    const file = join(dir.path, 'key.pem');
    const refused = expect.objectContaining({ code: 'KEY_INVALID' });
    expect(() => loadSigningKey(file)).toThrow(refused);
    for (const text of ['', 'Key-Name: a\nno key', '-----BEGIN PRIVATE KEY-----\n']) {
      writeFileSync(file, text);
      expect(() => loadSigningKey(file)).toThrow(refused);
    }
  });
});

describe('checkpoints', () => {
  it('have the form of the C2SP specification', () => {
    const key = createSigningKey('signalbox.dev/log_1');
    const lines = createCheckpoint(ledgerOf(42), key, FAKE_START).split('\n');
    expect(lines.slice(0, 5)).toEqual(['signalbox.dev/log_1', '42', ROOT, 'time 2026-01-01T00:00:00.000Z', '']);
    expect(lines[5]).toMatch(/^\u2014 signalbox\.dev\/log_1 [A-Za-z0-9+/]{91}=$/);
    expect(lines.slice(6)).toEqual(['']);
  });

  it('are read also when other programs made them', () => {
    expect(parseCheckpoint(C2SP_CHECKPOINT)).toEqual({
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
      root: ROOT,
    });
  });

  it.each([
    ['no signature', `o\n1\n${ROOT}\n`],
    ['a size with a leading zero', C2SP_CHECKPOINT.replace('2085', '02085')],
    ['a size beyond exact integers', C2SP_CHECKPOINT.replace('20852163', '9999999999999999')],
    ['a root of another length', C2SP_CHECKPOINT.replace(ROOT, 'AAAA')],
    ['an empty origin', C2SP_CHECKPOINT.replace('example.com/behind-the-sofa\n', '\n')],
  ])('are refused with %s', (_, note) => {
    expect(() => parseCheckpoint(note)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_INVALID' }));
    expect(verifyCheckpoint(note, parseVerifierKey(GO_KEY))).toBe(false);
  });

  it('are kept by size, once each, and never beside one that states another root', () => {
    const store = createTestStore();
    const key = createSigningKey('k');
    store.append(entry('a.b', 'x/1'));
    const note = createCheckpoint(store.ledger, key, FAKE_START);
    const later = createCheckpoint(store.ledger, key, FAKE_START + 1);
    storeCheckpoint(store.db, note);
    storeCheckpoint(store.db, later);
    expect(checkpoints(store.db)).toEqual([later]);
    const forked = createCheckpoint(ledgerOf(2), key, FAKE_START);
    expect(() => storeCheckpoint(store.db, forked)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_CONFLICT' }));
    store.remove();
  });
});
