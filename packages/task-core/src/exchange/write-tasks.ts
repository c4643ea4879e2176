import { stringify } from 'yaml';
import type { Task } from '../task.js';
import { writeMarkdown } from './markdown.js';
import type { ExchangeFormat } from './read-tasks.js';
import { EXCHANGE_VERSION, type Exchange } from './task-schema.js';

/** Writes tasks as a document. JSON and YAML hold every field; Markdown what a person would write. */
export function writeTasks(tasks: readonly Task[], format: ExchangeFormat): string {
  const document: Exchange = { version: EXCHANGE_VERSION, tasks: [...tasks] };
  switch (format) {
    case 'json':
      return `${JSON.stringify(document, null, 2)}\n`;
    case 'yaml':
      return stringify(document, { aliasDuplicateObjects: false, lineWidth: 120 });
    case 'md':
      return writeMarkdown(tasks);
  }
}
