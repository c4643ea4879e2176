import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'runtime',
  // By default Jest takes one core less than there are: on two of them, one.
  maxWorkers: 2,
  // These tests start some ten thousand processes, and a fork takes 25 µs for each megabyte of the one that forks. Modules of
  // past test files are not given up: in one process Jest grows by 45 MB a file.
  workerIdleMemoryLimit: '150MB',
  testSequencer: '<rootDir>/../../jest.sequencer.mjs',
};
