import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomToken } from '@signalbox/kernel';
import { isAlive, processIdentity } from '../process/identity.js';
import type { Stage } from './subject.js';

/** What a stand-in has told about a process. */
export interface ProcessReport {
  pid: number;
  environment?: Record<string, string>;
}

/** The folders of one run and what its stand-in tells there. */
export interface Place {
  /** Holds everything else. */
  root: string;
  home: string;
  temporary: string;
  scratch: string;
  sessionFolder: string;
  stage: Stage;
  reports(): ProcessReport[];
  /** Of the reported processes, those that still run. */
  alive(): number[];
  /** Bytes that a flooding agent has printed; null when it does not tell. */
  progress(): number | null;
  remove(): void;
}

/** Makes the folders of one run. */
export function createPlace(floodBytes: number): Place {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'signalbox-conformance-'));
  const [home, temporary, scratch, sessionFolder, workspace, folder] = [
    ...(['home', 'tmp', 'scratch', 'session', 'workspace', 'stand-in'] as const),
  ].map((name) => join(root, name)) as [string, string, string, string, string, string];
  for (const path of [home, temporary, scratch, sessionFolder, workspace, folder]) mkdirSync(path);
  const files = {
    report: join(folder, 'report.jsonl'),
    deed: join(workspace, 'deed.txt'),
    go: join(folder, 'go'),
    progress: join(folder, 'progress'),
  };
  const word = randomToken('word');
  const secret = randomToken('secret');
  const reports = (): ProcessReport[] => linesOf(files.report).map((line) => JSON.parse(line) as ProcessReport);
  return {
    ...{ root, home, temporary, scratch, sessionFolder },
    stage: { folder, workspace, word, secret, floodBytes, files },
    reports,
    alive: () => reports().flatMap(({ pid }) => (isRunning(pid) ? [pid] : [])),
    progress: () => (existsSync(files.progress) ? Number(readFileSync(files.progress, 'utf8')) : null),
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
  };
}

/** Whole lines only: the last may be in the making. */
function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

function isRunning(pid: number): boolean {
  const identity = processIdentity(pid);
  return identity !== null && isAlive(identity);
}
