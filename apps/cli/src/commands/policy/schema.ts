import { policyJsonSchema } from '@signalbox/runtime';
import type { CommonOptions, Io } from '../../io.js';

export async function schema(io: Io, options: CommonOptions): Promise<void> {
  io.stdout.write(`${JSON.stringify(policyJsonSchema(), null, options.json ? 0 : 2)}\n`);
}
