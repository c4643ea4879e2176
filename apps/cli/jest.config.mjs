import preset from '../../jest.preset.mjs';

// The program itself is tested as a process, where coverage is not counted.
const collectCoverageFrom = [...preset.collectCoverageFrom, '!src/main.ts'];

// Most tests wait for other processes, and those that are killed take seconds each.
export default { ...preset, displayName: 'cli', collectCoverageFrom, maxWorkers: 2 };
