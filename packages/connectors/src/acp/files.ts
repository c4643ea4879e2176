import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Json, type JsonObject, messageOf } from '@signalbox/kernel';
import { asObject, numberAt, textAt } from '../claude-code/json-access.js';
import type { AgentAnswer } from '../contract.js';
import type { Decide } from './decide.js';
import { type FilePlace, findPlace } from './file-place.js';
import type { Served } from './link.js';
import { INVALID_PARAMS, NOT_FOUND, REFUSED, type RpcError } from './rpc-error.js';
import type { ToolLedger } from './tool-ledger.js';

// What is read is held in memory several times over, as text and as JSON.
const READ_MAX_BYTES = 16 * 1024 * 1024;

interface Serving {
  decide: Decide;
  ledger: ToolLedger;
  /** Folders in which files may be read and written; the first is the workspace. */
  roots: readonly string[];
  isStopping(): boolean;
  onStop(answer: AgentAnswer): void;
}

export interface FileService {
  read(params: Json): Promise<Served>;
  write(params: Json): Promise<Served>;
}

const refused = (message: string): { error: RpcError } => ({ error: { code: REFUSED, message } });

/** Answers `fs/read_text_file` and `fs/write_text_file`: each access is judged by policy and held inside the roots. */
export function createFileService(serving: Serving): FileService {
  return {
    async read(params) {
      const request = asObject(params);
      const opened = await enter(serving, 'file.read', textAt(request, 'path'));
      if ('error' in opened) return opened;
      const { place, path } = opened;
      if (!place.exists) return { error: { code: NOT_FOUND, message: `Resource not found: ${path}` } };
      return attempt(() => ({ content: linesOf(readText(place.real), request) }));
    },
    async write(params) {
      const request = asObject(params);
      const content = textAt(request, 'content');
      if (content === null) return { error: { code: INVALID_PARAMS, message: 'A write needs its content as a text.' } };
      const opened = await enter(serving, 'file.write', textAt(request, 'path'));
      return 'error' in opened ? opened : attempt(() => writeText(opened.place.real, content));
    },
  };
}

type Entered = { place: FilePlace; path: string } | { error: RpcError };

/** Judges an access, both as it was asked for and where it really leads, which must be the same before and after. */
async function enter(serving: Serving, action: 'file.read' | 'file.write', path: string | null): Promise<Entered> {
  if (path === null) return { error: { code: INVALID_PARAMS, message: 'A path is needed.' } };
  const place = findPlace(path, serving.roots);
  if (place === null) return refused(`${path} does not lie inside the workspace.`);
  const paths = [...new Set([path, place.judged])].filter((one) => !serving.ledger.wasGranted(action, one));
  if (paths.length > 0) {
    const answer = await serving.decide(paths.map((one) => ({ action, path: one })));
    if (answer.stop === true) serving.onStop(answer);
    if (!answer.allow) return refused(answer.message);
  }
  // A decision can take as long as a person needs.
  if (serving.isStopping()) return refused('The attempt is being ended.');
  if (findPlace(path, serving.roots)?.real !== place.real) return refused(`${path} was moved meanwhile.`);
  serving.ledger.served(action, path);
  return { place, path };
}

function attempt(act: () => JsonObject): Served {
  try {
    return { result: act() };
  } catch (error) {
    return refused(messageOf(error));
  }
}

// O_NOFOLLOW: the path was resolved, so a link there now was put there since. O_NONBLOCK: nobody waits for a pipe.
const SAFELY = constants.O_NOFOLLOW | constants.O_NONBLOCK;

function readText(path: string): string {
  const file = openSync(path, constants.O_RDONLY | SAFELY);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error(`${path} is no file.`);
    if (stat.size > READ_MAX_BYTES) throw new Error(`${path} is longer than ${READ_MAX_BYTES} bytes.`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function writeText(path: string, content: string): JsonObject {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | SAFELY, 0o666);
  try {
    if (!fstatSync(file).isFile()) throw new Error(`${path} is no file.`);
    ftruncateSync(file);
    writeFileSync(file, content);
    return {};
  } finally {
    closeSync(file);
  }
}

/** From `line`, counted from 1, at most `limit` lines. */
function linesOf(text: string, request: JsonObject | null): string {
  const [line, limit] = [numberAt(request, 'line'), numberAt(request, 'limit')];
  if (line === null && limit === null) return text;
  const first = Math.max(0, (line ?? 1) - 1);
  return text
    .split(/(?<=\n)/)
    .slice(first, limit === null ? undefined : first + limit)
    .join('');
}
