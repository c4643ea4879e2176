export type { FakeFault, FakeScript, FakeTool, FakeTurn, FaultRule, Scenario } from './fake-anthropic/scenario.js';
export {
  type FakeAnthropic,
  type FakeAnthropicOptions,
  type FakeRequest,
  startFakeAnthropic,
} from './fake-anthropic/server.js';
export { createFakeClock, FAKE_START, type FakeClock } from './fake-clock.js';
export type { OpenAIFault, OpenAIFaultRule, OpenAIScenario } from './fake-openai/scenario.js';
export { type FakeOpenAI, type FakeOpenAIOptions, type OpenAIRequest, startFakeOpenAI } from './fake-openai/server.js';
export { type FixtureName, fixture, realAcpAgent, realClaude, realCodex } from './fixtures.js';
export { type Lifeline, type LifelineProcess, openLifeline } from './lifeline.js';
export { createRandom, type Random } from './random.js';
export { createTempDir, type TempDir } from './temp-dir.js';
export { createTempRepo, isolatedGitEnvironment, type TempRepo, type TempRepoOptions } from './temp-repo.js';
