export { type Backtest, backtest, type CandidatePolicy, type ChangedDecision } from './backtest.js';
export { type Replay, replayDecision } from './replay-decision.js';
