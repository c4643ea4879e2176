import {
  type FakeAnthropic,
  type FakeOpenAI,
  type FakeRequest,
  type FakeTurn,
  type OpenAIRequest,
  type OpenAIScenario,
  realClaude,
  realCodex,
  type Scenario,
  startFakeAnthropic,
  startFakeOpenAI,
} from '@signalbox/testkit';
import { registerAI, type Signalbox } from '../../src/index.js';
import { type Project, type ProjectOptions, USER, withProject } from './bench.js';

/** A real agent with a scripted provider. */
export interface RealAgent {
  id: string;
  /** Registers one more AI of this kind. */
  register(box: Signalbox, id?: string): Promise<void>;
  requests: readonly (FakeRequest | OpenAIRequest)[];
  /** Resolves when the model is asked by a request that fits, from now on. */
  asked(fits: (request: FakeRequest | OpenAIRequest) => boolean): Promise<void>;
}

export type AgentScenario = Pick<OpenAIScenario, 'faults' | 'scripts' | 'fallback'>;

export type WithAgent = (
  scenario: AgentScenario,
  test: (project: Project, agent: RealAgent) => Promise<void>,
  options?: ProjectOptions,
) => Promise<void>;

// A cold start of a real program takes seconds on a busy machine, and these start many.
export const LONG_MS = 300_000;

/** One agent retries by itself: once is enough to see that it does, and more only takes time. */
const CLAUDE_RETRIES = { CLAUDE_CODE_MAX_RETRIES: '1', API_TIMEOUT_MS: '120000' };

/** A project in which the real claude can be registered. */
export function withClaude(...[scenario, test, options = {}]: Parameters<WithAgent>): Promise<void> {
  const start = (onRequest: (request: FakeRequest) => void): Promise<FakeAnthropic> =>
    startFakeAnthropic({ scenario: scenario as Scenario, onRequest });
  return withProvider(start, options, test, (project, url) => {
    Object.assign(project.environment, { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'sk-ant-dummy' }, CLAUDE_RETRIES);
    const config = { program: realClaude() ?? '', model: 'claude-fake-1', env: Object.keys(CLAUDE_RETRIES) };
    return { id: 'claude', connector: 'claude-code', config };
  });
}

/** The same with the real codex. */
export function withCodex(...[scenario, test, options = {}]: Parameters<WithAgent>): Promise<void> {
  const start = (onRequest: (request: OpenAIRequest) => void): Promise<FakeOpenAI> =>
    startFakeOpenAI({ scenario, onRequest });
  return withProvider(start, options, test, (project, url) => {
    project.environment['OPENAI_API_KEY'] = 'key-of-the-test-9f2c';
    return {
      id: 'codex',
      connector: 'codex',
      config: { program: realCodex() ?? '', model: 'fake-model', baseUrl: url },
    };
  });
}

interface Provider<R> {
  url: string;
  requests: readonly R[];
  close(): Promise<void>;
}

function withProvider<R extends FakeRequest | OpenAIRequest>(
  start: (onRequest: (request: R) => void) => Promise<Provider<R>>,
  options: ProjectOptions,
  test: (project: Project, agent: RealAgent) => Promise<void>,
  settingsIn: (project: Project, url: string) => Parameters<typeof registerAI>[2],
): Promise<void> {
  return withProject(options, async (project) => {
    const listeners = new Set<(request: R) => void>();
    const fake = await start((request) => {
      for (const listener of listeners) listener(request);
    });
    const settings = settingsIn(project, fake.url);
    try {
      await test(project, {
        id: settings.id,
        requests: fake.requests,
        register: async (box, id = settings.id) =>
          void (await registerAI(box.executor, USER, { ...settings, id, maxConcurrent: 2 })),
        asked: (fits) =>
          new Promise((resolve) => {
            const listener = (request: R): void => {
              if (!fits(request)) return;
              listeners.delete(listener);
              resolve();
            };
            listeners.add(listener);
          }),
      });
    } finally {
      await fake.close();
    }
  });
}

/** The description of a task whose agent is to give these answers. */
export const scripted = (...turns: FakeTurn[]): string => `Go. <fake-model>${JSON.stringify(turns)}</fake-model>`;
export const write = (path: string, content: string): FakeTurn => ({
  tool: { name: 'Write', input: { file_path: path.startsWith('/') ? path : `{{cwd}}/${path}`, content } },
});
export const bash = (command: string): FakeTurn => ({ tool: { name: 'Bash', input: { command } } });
/** A command of codex. */
export const exec = (cmd: string): FakeTurn => ({ tool: { name: 'exec_command', input: { cmd } } });
