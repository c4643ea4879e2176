// A module of its own, so that commands which only look load the whole system only when they must.
export { createSignalbox } from '@signalbox/runtime';
