import { programOf } from './probe.js';
import { createRedactor } from './redact.js';
import { watch } from './watch.js';

// Milliseconds that an agent may stay after its last word.
const LINGER_MS = 5000;

/**
 * Does one attempt.
 *
 * @param {import('@signalbox/connectors').RunRequest} request
 * @param {import('@signalbox/connectors').RunIo} io
 * @returns {AsyncGenerator<import('@signalbox/connectors').AgentEvent>}
 */
export async function* run(request, io) {
  if (io.signal.aborted) {
    yield ended(watch(request, io, () => {}).reason());
    return;
  }
  let child;
  try {
    child = await start(request, io);
  } catch (error) {
    yield ended({ class: 'crashed', message: error.message });
    return;
  }
  const watching = watch(request, io, (failure) => void child.stop(failure.message));
  const redact = createRedactor(request.environment);
  let last = null;
  let cancelEnd = () => {};
  try {
    send(child, io, { prompt: request.prompt });
    for await (const { stream, text } of child.lines()) {
      io.raw(stream, text);
      const line = stream === 'out' ? parse(redact(text)) : null;
      if (!line) continue;
      watching.sign();
      if (line.type === 'hello') {
        watching.started();
        yield { type: 'started', session: String(line.session) };
      }
      if (line.type === 'say') yield { type: 'text', text: String(line.text) };
      if (line.type === 'ask') void answer(String(line.command), child, request, io, watching);
      if (line.type === 'done' || line.type === 'failed') {
        last = line;
        cancelEnd();
        cancelEnd = io.clock.after(LINGER_MS, () => void child.stop('It did not end by itself.'));
      }
    }
    await child.exited; // its output can end before it does
  } finally {
    // Also when the consumer leaves: whatever happens, nothing is left running.
    cancelEnd();
    watching.close();
    await child.stop('The run is over.');
  }
  const exit = await child.exited;
  const failure = watching.reason() ?? judge(exit, last, redact(child.errorTail()));
  yield ended(failure, exit.code, last);
}

function start(request, { processes }) {
  const { config, workspace, environment, attempt } = request;
  const model = typeof config.model === 'string' ? ['--model', config.model] : [];
  return processes.spawn({
    argv: [programOf(config), ...model],
    cwd: workspace,
    environment,
    marker: { attempt: attempt.id, ai: attempt.ai },
    stdin: 'pipe',
  });
}

/** Asks for permission; anything but a clear yes is a no. */
async function answer(command, child, request, io, watching) {
  let given;
  watching.pause();
  try {
    given = await io.decide({ action: 'shell.run', command, cwd: request.workspace });
  } catch {
    // a no
  }
  watching.resume();
  const allow = given?.allow === true && given.stop !== true;
  const message = given?.message ?? 'Nobody could decide.';
  if (given?.stop === true) watching.ask({ class: 'policy_denied', message });
  send(child, io, { allow, message });
}

/** Hard signs first: a signal, then what the agent says of its failure, then its exit code, then its success. */
function judge({ code, signal }, last, errors) {
  const tail = errors.trim().slice(-1000);
  if (code === null) return { class: 'crashed', message: `The agent was killed by ${signal}. ${tail}`.trim() };
  if (last?.type === 'failed') return { class: 'agent_error', message: String(last.text) };
  if (code === 0 && last) return null;
  const word = last ? 'claimed success' : 'said nothing of success';
  return { class: 'invalid_output', message: `The agent ${word} and ended with exit code ${code}. ${tail}`.trim() };
}

function ended(failure, exitCode = null, last = null) {
  const usage = Number.isFinite(last?.tokens) ? { outputTokens: last.tokens } : {};
  return { type: 'result', failure, exitCode, usage, summary: String(last?.text ?? failure?.message ?? '') };
}

function send(child, io, message) {
  if (!child.stdin?.writable) return;
  const line = JSON.stringify(message);
  io.raw('in', line);
  child.stdin.write(`${line}\n`);
}

/** An object, or null for what is not a line of the agent: programs print all sorts of things. */
function parse(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
