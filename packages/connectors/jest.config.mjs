import preset from '../../jest.preset.mjs';

// Two workers and a limit for the reasons that the runtime's configuration gives.
export default { ...preset, displayName: 'connectors', maxWorkers: 2, workerIdleMemoryLimit: '150MB' };
