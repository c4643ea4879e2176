import preset from '../../jest.preset.mjs';

// Real processes on a busy machine: a test takes a second, but may have to wait for its turn.
export default { ...preset, displayName: 'connectors' };
