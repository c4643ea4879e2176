export { drawGraph, type GraphFormat } from './draw.js';
export { readAll, readGraph, type TaskGraph } from './graph.js';
