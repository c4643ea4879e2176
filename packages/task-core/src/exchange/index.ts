export { type ExchangeFormat, readTasks } from './read-tasks.js';
export { EXCHANGE_VERSION, type Exchange, taskJsonSchema } from './task-schema.js';
export { writeTasks } from './write-tasks.js';
