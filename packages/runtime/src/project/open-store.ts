import { type EvidenceIndex, type Ledger, openEvidence, openLedger } from '@signalbox/audit';
import { type Clock, createIds, type Ids } from '@signalbox/kernel';
import { openSqlite, type SqlDatabase } from '@signalbox/kernel/sqlite';
import { openSqlitePolicyRecords, type PolicyRecords } from '@signalbox/policy/records';
import { type AIRegistry, openSqliteRegistry } from '@signalbox/router';
import { openSqliteTaskStore, type TaskStore } from '@signalbox/task-core';
import { recordFanOut } from '../tasks/entries.js';
import type { ProjectPaths } from './paths.js';
import { createStateFolder } from './state-folder.js';

/** A project's state: one SQLite file in which every change and its record are one transaction. */
export interface ProjectStore {
  paths: ProjectPaths;
  clock: Clock;
  ids: Ids;
  db: SqlDatabase;
  ledger: Ledger;
  evidence: EvidenceIndex;
  tasks: TaskStore;
  ais: AIRegistry;
  /** What persons have decided beside the policy files: approvals and overrides. */
  records: PolicyRecords;
  close(): void;
}

/**
 * Opens the state of a project, creating it if there is none. Cheap: this is all that a command needs which only looks.
 * Throws `STORE_NEWER` for a state written by a newer version.
 */
export function openStore(paths: ProjectPaths, clock: Clock): ProjectStore {
  createStateFolder(paths);
  const ids = createIds(clock);
  const db = openSqlite(paths.database);
  try {
    const ledger = openLedger(db, { clock, ids, source: 'signalbox' });
    const evidence = openEvidence(db, ledger, { clock, ids });
    const tasks = openSqliteTaskStore(db, { clock, ids, journal: ledger, recordFanOut });
    const ais = openSqliteRegistry(db, { clock, journal: ledger });
    const records = openSqlitePolicyRecords(db, { clock, ids, journal: ledger });
    return { paths, clock, ids, db, ledger, evidence, tasks, ais, records, close: () => db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}
