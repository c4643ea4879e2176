import { randomToken, systemClock } from '@signalbox/kernel';
import type { AgentAnswer, AgentRequest, Connector, RunIo, RunRequest } from '../contract.js';
import { createProcessRunner } from '../process/runner.js';
import { findMarked, sweep } from '../process/sweep.js';
import { createDrivenClock, type DrivenClock } from './driven-clock.js';
import { type FollowOptions, follow, type Running, until } from './running.js';
import { type SpyingRunner, spyOn } from './spying-runner.js';
import { createPlace, type Place } from './stage.js';
import { type Scenario, SECRET_VARIABLE } from './subject.js';
import { must, show } from './violation.js';

/** One run: what the connector is given, and what can be seen of what it does. */
export interface Bench {
  readonly place: Place;
  readonly clock: DrivenClock;
  readonly processes: SpyingRunner;
  readonly request: RunRequest;
  /** What `decide` was asked. */
  readonly asked: readonly AgentRequest[];
  /** Set to answer otherwise than yes. */
  decide: (request: AgentRequest) => Promise<AgentAnswer>;
  abort(reason?: unknown): void;
  start(options?: Omit<FollowOptions, 'patienceMs'>): Running;
  /** Lets hours pass in moments: limits and graces. */
  hurry(): void;
  /** Throws a violation when a process of the run is still there. */
  assertNothingLeft(): void;
  close(): Promise<void>;
}

export interface BenchOptions {
  patienceMs: number;
  floodBytes: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** A grace of two seconds is then 20 ms of real time. */
const HURRY = 100;

/** Prepares one run in folders of its own. */
export function createBench(connector: Connector, setUp: (place: Place) => Scenario, options: BenchOptions): Bench {
  const { patienceMs, floodBytes } = options;
  const place = createPlace(floodBytes);
  const scenario = setUp(place);
  const clock = createDrivenClock(systemClock);
  const processes = spyOn(createProcessRunner({ clock, supervisor: false }));
  const controller = new AbortController();
  const attempt = randomToken('att');
  const asked: AgentRequest[] = [];
  const runs: Running[] = [];
  const left = (): number[] => [...new Set([...findMarked(attempt), ...place.alive()])];
  const io: RunIo = {
    decide(request) {
      asked.push(request);
      return bench.decide(request);
    },
    ...{ signal: controller.signal, clock, processes },
    raw() {},
  };
  const bench: Bench = {
    ...{ place, clock, processes, asked },
    request: requestOf(connector, scenario, place, attempt),
    decide: () => Promise.resolve({ allow: true, message: 'The suite allows it.' }),
    abort: (reason) => controller.abort(reason),
    start(wanted) {
      const running = follow(() => connector.run(bench.request, io), { patienceMs, ...wanted });
      runs.push(running);
      return running;
    },
    hurry: () => clock.setSpeed(HURRY),
    assertNothingLeft() {
      const pids = left();
      const hint = 'Await `stop` of every process in a `finally`, before the iteration ends.';
      must(pids.length === 0, `The run has ended and left processes behind: ${show(pids)}.`, hint);
    },
    async close() {
      bench.hurry();
      controller.abort({ class: 'cancelled', message: 'The case is over.' });
      for (const running of runs) running.release();
      const closing = processes.close();
      let isClosed = false;
      void closing.then(() => {
        isClosed = true;
      });
      await until(() => isClosed, patienceMs);
      await sweep(attempt);
      for (const pid of place.alive()) process.kill(pid, 'SIGKILL');
      clock.close();
      place.remove();
    },
  };
  return bench;
}

function requestOf(connector: Connector, scenario: Scenario, place: Place, attempt: string): RunRequest {
  const { stage, home, temporary, scratch, sessionFolder } = place;
  return {
    attempt: { id: attempt, task: 'tsk_conformance', number: 1, ai: 'conformance' },
    prompt: scenario.prompt ?? 'Do what you are here for.',
    ...(scenario.run ? { run: scenario.run } : {}),
    ...{ workspace: stage.workspace, scratch, config: scenario.config },
    environment: { ...baseEnvironment(home, temporary), [SECRET_VARIABLE]: stage.secret, ...scenario.environment },
    limits: { wallMs: DAY_MS, idleMs: DAY_MS, startMs: DAY_MS },
    ...(connector.capabilities.resume ? { sessionFolder } : {}),
  };
}

/** What every agent of the suite gets. PATH is the machine's own: programs must be found. */
export function baseEnvironment(home: string, temporary: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: home, TMPDIR: temporary };
}
