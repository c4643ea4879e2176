import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import * as runtime from '../src/index.js';
import * as project from '../src/project/index.js';

describe('what the package exports', () => {
  it('is this, by its main entry', () => {
    expect(Object.keys(runtime).sort()).toEqual([
      'ANCHOR_REF',
      'INTEGRATION_BRANCH',
      'INTEGRATION_REF',
      'RuntimeError',
      'acceptIntegration',
      'actorName',
      'addLockByHand',
      'buildPrompt',
      'builtinConnectors',
      'cancelTask',
      'checkPolicy',
      'claimThroughDoor',
      'completeByHand',
      'createDoor',
      'createGit',
      'createLedgerService',
      'createSignalbox',
      'createTask',
      'currentActor',
      'decide',
      'describeWait',
      'drawGraph',
      'examine',
      'executeAll',
      'executeTask',
      'explainDecision',
      'explainWait',
      'failByHand',
      'followLedger',
      'grantTrust',
      'importTasks',
      'initProject',
      'integrationMove',
      'judgeAttempt',
      'labelAI',
      'landForUser',
      'mustGet',
      'openBlobStore',
      'patchOf',
      'planExecution',
      'policySources',
      'previewTrust',
      'readAll',
      'readConfig',
      'readGraph',
      'readPolicy',
      'readStatus',
      'registerAI',
      'renewByHand',
      'requeueByHand',
      'retryTask',
      'revertLanding',
      'settleByHand',
      'startByHand',
      'taskJsonSchema',
      'updateTask',
      'verifyLedgerFile',
      'writeTasks',
    ]);
  });

  it('is this, by its entry for commands that only look', () => {
    expect(Object.keys(project).sort()).toEqual([
      'DEFAULT_TTL_MS',
      'FAILURE_CLASSES',
      'TASK_STATUSES',
      'describeBlock',
      'filesToTrust',
      'findHome',
      'findOrphans',
      'findRepository',
      'findRoot',
      'mainWorktree',
      'noProject',
      'openStore',
      'projectPaths',
      'untrustedFiles',
    ]);
  });

  it('has these names for what can go wrong', () => {
    const source = readFileSync(fileURLToPath(new URL('../src/errors.ts', import.meta.url)), 'utf8');
    expect([...source.matchAll(/\| '(\w+)'/g)].map((match) => match[1])).toEqual([
      'NO_PROJECT',
      'NO_REPOSITORY',
      'NO_COMMITS',
      'NO_SUCH_BRANCH',
      'GIT_UNAVAILABLE',
      'GIT_FAILED',
      'CONFIG_INVALID',
      'POLICY_INVALID',
      'POLICY_DENIED',
      'APPROVAL_REQUIRED',
      'AGENT_REFUSED',
      'NOTHING_READY',
      'ALREADY_CLAIMED',
      'LOCKED',
      'BLOCKED',
      'FINISHED',
      'DELAYED',
      'STALE',
      'LEASE_LOST',
      'NO_CANDIDATE',
      'UNKNOWN_CONNECTOR',
      'INVALID_CONFIG',
      'NOT_FOUND',
      'BASE_CONFLICT',
      'INTEGRATION_MOVED',
      'INTEGRATION_CHECKED_OUT',
      'LAND_CONFLICT',
      'NOTHING_TO_LAND',
      'NOTHING_TO_REVERT',
      'DIRTY_CHECKOUT',
      'WORKSPACE_FAILED',
      'WRONG_FOLDER',
      'KEY_LOST',
      'LOCK_TIMEOUT',
      'INTERRUPTED',
    ]);
  });

  it('has these names for what moves and what proves', () => {
    expect([runtime.INTEGRATION_BRANCH, runtime.INTEGRATION_REF, runtime.ANCHOR_REF]).toEqual([
      'signalbox/integration',
      'refs/heads/signalbox/integration',
      'refs/signalbox/ledger',
    ]);
  });
});
