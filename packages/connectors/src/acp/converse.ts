import type { AgentEvent, Failure, RunIo, RunRequest } from '../contract.js';
import type { RunningProcess } from '../process/types.js';
import { createRedactor } from '../secrets.js';
import { createStopping, type Stopping } from '../stopping.js';
import { createWatchdogs } from '../watchdogs.js';
import { createEventQueue, type EventQueue } from './event-queue.js';
import { type Link, openLink } from './link.js';
import { listen } from './listen.js';
import { failureOfBadEnd, failureOfExit } from './outcome.js';
import { createService } from './serve.js';
import type { AgentSession } from './session.js';
import { type Ending, talk } from './talk.js';
import { createToolLedger, type ToolLedger } from './tool-ledger.js';
import { createUpdates, usageOf } from './updates.js';

// Milliseconds. Some agents, claude-agent-acp 0.23 among them, stay for ever after the end of their input.
const LINGER_MS = 1000;
// A cancelled turn is answered within some 20 ms by agents that answer it at all.
const CANCEL_GRACE_MS = 2000;
// A message comes in chunks; one that halts is told as far as it came.
const HALT_MS = 500;
const SUMMARY_CHARS = 4000;

/** What a conversation has come to. */
interface Course {
  link: Link | null;
  session: AgentSession | null;
  prompted: boolean;
  ending: Ending;
  /** Lines that were none of the protocol. */
  strange: number;
}

/** Speaks with an agent that has just been started, to the end. */
export async function* converse(child: RunningProcess, request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  const redact = createRedactor(request.environment, []);
  const queue = createEventQueue();
  const course: Course = {
    link: null,
    session: null,
    prompted: false,
    ending: { answer: null, failure: null },
    strange: 0,
  };
  let cancelEnd: () => void = () => {};
  const endIn = (graceMs: number): void => {
    cancelEnd();
    cancelEnd = io.clock.after(graceMs, () => void child.stop('It did not end by itself.'));
  };
  const stopping = createStopping(io.signal, (failure) => {
    if (course.session) course.link?.notify('session/cancel', { sessionId: course.session.id });
    // A cancelled agent still tells what it has used; after a stall or an abort nobody waits for that.
    if (failure.class === 'policy_denied') endIn(CANCEL_GRACE_MS);
    else void child.stop(failure.message);
  });
  const part = createPart(child, request, io, { course, queue, stopping, redact });
  let finishing: Promise<void> = Promise.resolve();
  try {
    course.link = await openLink(part);
    finishing = part.play(course.link, () => endIn(LINGER_MS));
    finishing.catch(() => {}); // awaited below
    yield* queue.read();
  } finally {
    part.close();
    queue.close();
    await child.stop('The run is over.');
    await finishing;
    cancelEnd();
    stopping.close();
  }
  yield await resultOf(child, course, stopping.reason(), part.usage(), redact);
}

interface Around {
  course: Course;
  queue: EventQueue;
  stopping: Stopping;
  redact(text: string): string;
}

/** Our part of the conversation: what we write, how we answer, and what we make of what we hear. */
function createPart(child: RunningProcess, request: RunRequest, io: RunIo, around: Around) {
  const { course, queue, stopping, redact } = around;
  const watchdogs = createWatchdogs(io.clock, request.limits, stopping.ask);
  const ledger = createToolLedger(request.workspace);
  const breach = (what: string): void => {
    if (request.config['asks'] !== true) return;
    stopping.ask({ class: 'policy_denied', message: redact(what) });
    void child.stop(what); // one that acts without leave is given no grace
  };
  const updates = createUpdates(ledger, breach);
  let cancelFlush: () => void = () => {};
  const onSession = (session: AgentSession): boolean => {
    course.session = session;
    watchdogs.started();
    queue.push([startedEvent(session)]);
    // What a resumed session was told before is told again, ahead of the prompt.
    course.prompted = stopping.reason() === null;
    return course.prompted;
  };
  const onUpdate = async (update: Parameters<typeof updates.read>[0]): Promise<void> => {
    if (!course.prompted) return;
    cancelFlush();
    queue.push(updates.read(update));
    if (updates.isSaying()) cancelFlush = io.clock.after(HALT_MS, () => queue.push(updates.flush()));
    await queue.whenTaken();
  };
  return {
    send: (line: string): void => writeLine(child, io, line),
    serve: createService({
      ...{ io, request, ledger, watchdogs },
      isStopping: () => stopping.reason() !== null,
      onStop: ({ message }) => stopping.ask({ class: 'policy_denied', message }),
    }),
    /** Goes through the whole conversation; `onAnswer` is called when the agent has nothing left to do. */
    async play(link: Link, onAnswer: () => void): Promise<void> {
      try {
        const listening = listen(child, link, { raw: io.raw, redact, onSign: watchdogs.sign, onUpdate });
        void listening.catch(() => {}).then(link.close);
        course.ending = await talk(link, { request, onSession, lastRefusal: ledger.lastRefusal });
        breachAtEnd(course.ending, ledger, breach);
        child.stdin?.end();
        onAnswer();
        course.strange = await listening;
        await child.exited; // its pipes are closed a moment before: stopped then, it could not tell how it ended
        cancelFlush();
        queue.push(updates.flush());
      } finally {
        queue.end();
      }
    },
    usage: () => ({ usage: usageOf(course.ending.answer, updates.costUsd), lastText: updates.lastText }),
    close(): void {
      watchdogs.close();
      cancelFlush();
    },
  };
}

function writeLine(child: RunningProcess, io: RunIo, line: string): void {
  if (!child.stdin?.writable) return;
  io.raw('in', line);
  child.stdin.write(`${line}\n`);
}

function breachAtEnd(ending: Ending, ledger: ToolLedger, breach: (what: string) => void): void {
  const left = ending.answer ? ledger.breachAtEnd() : null;
  if (left !== null) breach(left);
}

function startedEvent({ id, version, model }: AgentSession): AgentEvent {
  return {
    type: 'started',
    session: id,
    ...(model === null ? {} : { model }),
    ...(version === null ? {} : { version }),
  };
}

async function resultOf(
  child: RunningProcess,
  { session, ending, strange }: Course,
  stopped: Failure | null,
  { usage, lastText }: { usage: ReturnType<typeof usageOf>; lastText: string },
  redact: (text: string) => string,
): Promise<AgentEvent> {
  const exit = await child.exited;
  const isSilent = ending.answer === null && ending.failure === null;
  const own = isSilent
    ? failureOfExit(exit, child.errorTail(), strange)
    : (ending.failure ?? failureOfBadEnd(exit, child.errorTail()));
  return {
    type: 'result',
    failure: stopped ?? (own && { ...own, message: redact(own.message) }),
    exitCode: exit.code,
    usage,
    ...(session ? { session: session.id } : {}),
    summary: lastText.slice(0, SUMMARY_CHARS),
  };
}
