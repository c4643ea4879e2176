import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTempDir, type TempDir } from '@signalbox/testkit';
import { initialPolicyYaml, loadPolicy, type Policy } from '../src/index.js';
import { decide, judgeLine, layer, NOW, request } from './support.js';

let temp: TempDir;
let workspace: string;

beforeEach(() => {
  temp = createTempDir();
  workspace = `${temp.path}/repo`;
  mkdirSync(`${workspace}/src`, { recursive: true });
  mkdirSync(`${temp.path}/bin`);
  mkdirSync(`${temp.path}/outside`);
  writeFileSync(`${workspace}/src/a.ts`, '');
  writeFileSync(`${workspace}/.env`, '');
  writeFileSync(`${temp.path}/outside/notes`, '');
});

afterEach(() => temp.remove());

function program(path: string): void {
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
}

function initialPolicy(path = `${temp.path}/bin`): Policy {
  const text = initialPolicyYaml({ name: 'x', testCommands: [] });
  return loadPolicy([layer(text)], { now: NOW, workspace, path });
}

const read = (path: string) => decide(initialPolicy(), request('file.read', { resource: { path } })).decision;
const write = (path: string) => decide(initialPolicy(), request('file.write', { resource: { path } })).decision;

describe('a path is judged as written and as the real path behind it', () => {
  it('when it is plain, relative or absolute', () => {
    expect(read('src/a.ts')).toBe('allow');
    expect(read(`${workspace}/src/a.ts`)).toBe('allow');
    expect(read(`${workspace}/src/../.env`)).toBe('deny');
    expect(read('.')).toBe('allow');
    expect(read(`${temp.path}/outside/notes`)).toBe('ask');
    expect(write('src/new/b.ts')).toBe('allow');
    expect(write('src/a.ts/below-a-file')).toBe('allow');
    expect(write(`${workspace}-other/a`)).toBe('deny');
  });

  it('when it is a link to a secret or out of the workspace', () => {
    symlinkSync('../.env', `${workspace}/src/link.ts`);
    symlinkSync(`${temp.path}/outside`, `${workspace}/src/out`);
    expect(read('src/link.ts')).toBe('deny');
    expect(read('src/out/notes')).toBe('ask');
    expect(write('src/out/new')).toBe('deny');
    expect(judgeLine(initialPolicy(), 'cat src/link.ts')).toBe('deny');
    expect(judgeLine(initialPolicy(), 'cd src/out && ls')).toBe('ask');
  });

  it('when ".." follows a link, which the file system takes after the link', () => {
    mkdirSync(`${temp.path}/outside/deep`);
    symlinkSync(`${temp.path}/outside/deep`, `${workspace}/src/deep`);
    expect(read('src/deep/../notes')).toBe('ask');
    expect(write('src/deep/../notes')).toBe('deny');
  });

  it('when a link dangles or leads in a circle', () => {
    symlinkSync(`${temp.path}/outside/not-yet`, `${workspace}/src/dangling`);
    symlinkSync('circle', `${workspace}/src/circle`);
    expect(write('src/dangling')).toBe('deny');
    expect(write('src/circle')).toBe('ask');
    expect(read('src/\0')).toBe('ask');
  });

  it('when the workspace itself is reached by a link', () => {
    symlinkSync(workspace, `${temp.path}/linked`);
    const policy = loadPolicy([layer(initialPolicyYaml({ name: 'x', testCommands: [] }))], {
      now: NOW,
      workspace: `${temp.path}/linked`,
    });
    const decision = (path: string) => decide(policy, request('file.read', { resource: { path } })).decision;
    expect(decision('src/a.ts')).toBe('allow');
    expect(decision('.env')).toBe('deny');
  });
});

describe('a program is what its name says', () => {
  it('if it lies outside the workspace', () => {
    program(`${temp.path}/bin/ls`);
    expect(judgeLine(initialPolicy(), 'ls')).toBe('allow');
    expect(judgeLine(initialPolicy(), `${temp.path}/bin/ls`)).toBe('allow');
    expect(judgeLine(initialPolicy(), './ls')).toBe('ask');
    expect(judgeLine(initialPolicy(), `${temp.path}/outside/ls`)).toBe('ask');
  });

  it('or if there is no such program at all', () => {
    expect(judgeLine(initialPolicy(), 'ls')).toBe('allow');
  });

  it('but not if the workspace plants one earlier on PATH, or the current folder is on PATH', () => {
    program(`${temp.path}/bin/ls`);
    mkdirSync(`${workspace}/bin`);
    program(`${workspace}/bin/ls`);
    program(`${workspace}/src/cat`);
    const planted = initialPolicy(`${workspace}/bin:${temp.path}/bin`);
    expect(judgeLine(planted, 'ls')).toBe('ask');
    expect(judgeLine(planted, 'env ls')).toBe('ask');
    const here = initialPolicy(`:${temp.path}/bin`);
    expect(judgeLine(here, 'cat a.ts', { action: { cwd: 'src' } })).toBe('ask');
    expect(judgeLine(here, 'cat src/a.ts')).toBe('allow');
  });

  it('and not if a link on PATH leads into the workspace', () => {
    program(`${workspace}/src/evil`);
    symlinkSync(`${workspace}/src/evil`, `${temp.path}/bin/ls`);
    expect(judgeLine(initialPolicy(), 'ls')).toBe('ask');
  });
});
