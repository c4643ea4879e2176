// A program that prints plain text and tells how it went by its exit code.
import { playAgent } from '../../../fixtures/play-agent.mjs';

await playAgent({ say: (text) => text, succeed: (text) => text, fail: (text) => text });
