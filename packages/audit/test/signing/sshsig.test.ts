import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createTempDir } from '@signalbox/testkit';
import {
  allowedSignersLine,
  CHECKPOINT_NAMESPACE,
  createCheckpoint,
  createSigningKey,
  signSsh,
  sshPublicKey,
  verifySsh,
} from '../../src/index.js';

const dir = createTempDir();
afterAll(() => dir.remove());
const key = createSigningKey('signalbox.dev');
const head = { logId: 'log_1', size: 3, root: Buffer.alloc(32).toString('base64') };
const note = createCheckpoint({ head: () => head }, key, 0);
const signature = signSsh(key, note, CHECKPOINT_NAMESPACE);
const invalid = expect.objectContaining({ code: 'SSHSIG_INVALID' });

/** What `ssh-keygen -Y verify` says of a message, given our signature of the note. */
function sshKeygenAccepts(message: string, namespace: string, signer = key): boolean {
  const signers = join(dir.path, 'allowed');
  const file = join(dir.path, 'note.sig');
  writeFileSync(signers, `${allowedSignersLine(signer.verifier, 'signalbox.dev', CHECKPOINT_NAMESPACE)}\n`);
  writeFileSync(file, signature);
  const args = ['-Y', 'verify', '-f', signers, '-I', 'signalbox.dev', '-n', namespace, '-s', file];
  try {
    return execFileSync('ssh-keygen', args, { input: message, stdio: 'pipe', timeout: 20_000 }).includes('Good');
  } catch {
    return false;
  }
}

/** A signature by `ssh-keygen -Y sign` with a new key of this type. */
function sshKeygenSigns(type: string, message: string, options: string[] = []): { armored: string; publicKey: string } {
  const file = join(dir.path, `${type}${options.length}`);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file], { timeout: 60_000 });
  const args = ['-Y', 'sign', '-f', file, '-n', 'file', ...options];
  const armored = execFileSync('ssh-keygen', args, { input: message, stdio: 'pipe', timeout: 20_000 }).toString();
  return { armored, publicKey: execFileSync('ssh-keygen', ['-y', '-f', file], { timeout: 20_000 }).toString() };
}

describe('an SSH signature of a checkpoint', () => {
  it('is accepted by ssh-keygen', () => {
    expect(sshKeygenAccepts(note, CHECKPOINT_NAMESPACE)).toBe(true);
  });

  it('is refused by ssh-keygen for another purpose, a changed note or another key', () => {
    expect(sshKeygenAccepts(note, 'git')).toBe(false);
    expect(sshKeygenAccepts(note.replace('3', '4'), CHECKPOINT_NAMESPACE)).toBe(false);
    expect(sshKeygenAccepts(note, CHECKPOINT_NAMESPACE, createSigningKey('signalbox.dev'))).toBe(false);
  });

  it('is judged the same by us', () => {
    const expected = { key: key.verifier, namespace: CHECKPOINT_NAMESPACE };
    expect(verifySsh(signature, note, expected)).toBe('signed');
    expect(verifySsh(signature, `${note} `, expected)).toBe('bad-signature');
    expect(verifySsh(signature, note, { ...expected, namespace: 'git' })).toBe('other-purpose');
    expect(verifySsh(signature, note, { ...expected, key: createSigningKey('x').verifier })).toBe('other-key');
  });
});

describe('a signature by ssh-keygen', () => {
  it.each([[[]], [['-O', 'hashalg=sha256']]])('of an Ed25519 key is verified (options %j)', (options) => {
    const { armored, publicKey } = sshKeygenSigns('ed25519', 'hello\n', options);
    expect(verifySsh(armored, 'hello\n', { key: publicKey, namespace: 'file' })).toBe('signed');
    expect(verifySsh(armored, Buffer.from('hallo\n'), { key: publicKey, namespace: 'file' })).toBe('bad-signature');
  });

  it('of another kind of key is refused', () => {
    const { armored, publicKey } = sshKeygenSigns('ecdsa', 'hello\n');
    expect(() => verifySsh(armored, 'hello\n', { key: key.verifier, namespace: 'file' })).toThrow(invalid);
    expect(() => verifySsh(signature, note, { key: publicKey, namespace: 'file' })).toThrow(invalid);
  });
});

describe('what is no SSH signature', () => {
  const rewrite = (change: (blob: Buffer) => Buffer): string => {
    const lines = signature.trim().split('\n');
    const blob = change(Buffer.from(lines.slice(1, -1).join(''), 'base64'));
    return [lines[0], blob.toString('base64'), lines.at(-1)].join('\n');
  };
  it.each([
    ['text', 'hello'],
    ['another magic', rewrite((blob) => Buffer.concat([Buffer.from('X'), blob.subarray(1)]))],
    ['another version', rewrite((blob) => Buffer.concat([blob.subarray(0, 9), Buffer.of(2), blob.subarray(10)]))],
    ['a cut one', rewrite((blob) => blob.subarray(0, -5))],
    ['a longer one', rewrite((blob) => Buffer.concat([blob, Buffer.of(0)]))],
    ['an unknown hash', rewrite((blob) => Buffer.from(blob.toString('latin1').replace('sha512', 'sha999'), 'latin1'))],
  ])('is refused: %s', (_, armored) => {
    expect(() => verifySsh(armored, note, { key: key.verifier, namespace: CHECKPOINT_NAMESPACE })).toThrow(invalid);
  });

  it('cannot be made without a purpose, nor a line for a principal with spaces', () => {
    expect(() => signSsh(key, note, '')).toThrow(invalid);
    expect(() => allowedSignersLine(key.verifier, 'a b', 'x')).toThrow(invalid);
    expect(sshPublicKey(key.verifier)).toMatch(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA/);
  });
});
