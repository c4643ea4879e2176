import type { JsonObject } from '@signalbox/kernel';
import { textAt } from './claude-code/json-access.js';
import type { AgentEvent } from './contract.js';

export type LineReader = (line: JsonObject) => AgentEvent[];

/** A reader of lines that are told apart by their `type`. One of a type that nobody reads says nothing. */
export function readByType(readers: Readonly<Record<string, LineReader>>): LineReader {
  return (line) => {
    const type = textAt(line, 'type') ?? '';
    return Object.hasOwn(readers, type) ? (readers[type]?.(line) ?? []) : [];
  };
}
