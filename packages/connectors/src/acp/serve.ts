import type { Json } from '@signalbox/kernel';
import type { AgentAnswer, RunIo, RunRequest } from '../contract.js';
import type { Watchdogs } from '../watchdogs.js';
import { createDecide } from './decide.js';
import { createFileService } from './files.js';
import type { Served } from './link.js';
import { createPermissions } from './permissions.js';
import { METHOD_NOT_FOUND } from './rpc-error.js';
import type { ToolLedger } from './tool-ledger.js';

interface Service {
  io: RunIo;
  request: RunRequest;
  ledger: ToolLedger;
  watchdogs: Watchdogs;
  isStopping(): boolean;
  onStop(answer: AgentAnswer): void;
}

/** Answers what the agent asks of us: permission, and files. There are no terminals here. */
export function createService(service: Service): (method: string, params: Json) => Promise<Served> {
  const { io, request, ledger, watchdogs, isStopping, onStop } = service;
  const { workspace, scratch } = request;
  const decide = createDecide(io, watchdogs);
  const permit = createPermissions({ decide, ledger, workspace, isStopping, onStop });
  const files = createFileService({ decide, ledger, roots: [workspace, scratch], isStopping, onStop });
  return async (method, params) => {
    switch (method) {
      case 'session/request_permission':
        return permit(params);
      case 'fs/read_text_file':
        return files.read(params);
      case 'fs/write_text_file':
        return files.write(params);
      default:
        return { error: { code: METHOD_NOT_FOUND, message: `Signalbox does not offer ${method}.` } };
    }
  };
}
