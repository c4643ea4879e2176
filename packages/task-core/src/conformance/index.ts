export { describeTaskStore } from './describe-task-store.js';
export type { OpenStore, StoreUnderTest, TestRunner } from './store-under-test.js';
