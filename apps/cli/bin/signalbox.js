#!/usr/bin/env node
import { existsSync } from 'node:fs';

const bundle = new URL('../dist/main.js', import.meta.url);
if (existsSync(bundle)) {
  await import(bundle.href);
} else {
  process.stderr.write('Signalbox has not been built yet.\nRun `npm run build` in its repository.\n');
  process.exitCode = 1;
}
