import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as connectors from '../src/index.js';

const { builtinConnectors, checkConfig, claudeCodeConnector, commandConnector, exportedEnvironment, findConnector } =
  connectors;

describe('the surface of the package', () => {
  it('is pinned', () => {
    expect(Object.keys(connectors).sort()).toEqual([
      'AI_VARIABLE',
      'ATTEMPT_VARIABLE',
      'COMMON_ENVIRONMENT_NAMES',
      'ConnectorError',
      'acpConnector',
      'agentMarker',
      'bootId',
      'builtinConnectors',
      'checkConfig',
      'checkConnectorShape',
      'claudeCodeConnector',
      'codexConnector',
      'commandConnector',
      'createProcessRunner',
      'environmentNamesOf',
      'exportedEnvironment',
      'findConnector',
      'findMarked',
      'isAlive',
      'probeSandbox',
      'processIdentity',
      'requestOfTool',
      'sandboxed',
      'supervisorPath',
      'sweep',
    ]);
  });

  it('does not load the schema library before a configuration is checked', () => {
    const bundle = readFileSync(new URL('../dist/index.js', import.meta.url), 'utf8');
    expect(bundle).not.toContain('"ajv"');
  });

  it('has the built-in connectors by id', () => {
    expect(builtinConnectors.map((connector) => connector.id)).toEqual(['claude-code', 'codex', 'acp', 'command']);
    expect(findConnector('command')).toBe(commandConnector);
    expect(findConnector('nobody')).toBeNull();
  });
});

describe('the environment of a child', () => {
  it('holds the common names and those asked for, and nothing else', () => {
    const common = [
      ...['PATH', 'HOME', 'LANG', 'LC_ALL', 'TERM', 'TMPDIR', 'SHELL', 'USER', 'LOGNAME'],
      ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
    ];
    expect(connectors.COMMON_ENVIRONMENT_NAMES).toEqual(common);
    const others = ['ANTHROPIC_API_KEY', 'AWS_SECRET_ACCESS_KEY', 'SIGNALBOX_LEASE', 'NODE_OPTIONS', 'GIT_DIR', 'FOO'];
    const base = Object.fromEntries([...common, ...others].map((name) => [name, name]));
    expect(Object.keys(exportedEnvironment({ ...base, TERM: undefined }))).toEqual(
      common.filter((name) => name !== 'TERM'),
    );
    const names = connectors.environmentNamesOf(claudeCodeConnector, { env: ['FOO', 7] });
    expect(names).toEqual(['ANTHROPIC_*', 'CLAUDE_CODE_OAUTH_TOKEN', 'FOO']);
    expect(Object.keys(exportedEnvironment(base, names))).toEqual([...common, 'ANTHROPIC_API_KEY', 'FOO']);
    expect(connectors.environmentNamesOf(commandConnector, {})).toEqual([]);
  });
});

describe('the check of a configuration', () => {
  it('finds nothing wrong with a good one', async () => {
    const claude = { program: 'claude', model: 'm', maxTurns: 5, maxBudgetUsd: 0.5, env: ['FOO', 'BAR_*'] };
    expect(await checkConfig(claudeCodeConnector, claude)).toEqual([]);
    expect(await checkConfig(commandConnector, { argv: ['x'] })).toEqual([]);
    expect(await checkConfig(commandConnector, {})).toEqual([]);
  });

  it('lists every problem and names the member', async () => {
    const bad = { program: './claude', maxTurns: 0, env: ['A=B'], colour: 'red' };
    const problems = await checkConfig(claudeCodeConnector, bad);
    expect(problems).toHaveLength(4);
    expect(problems[0]).toBe('The configuration has an unknown member "colour".');
    expect(problems.join()).toContain('"env.0" must match pattern');
    expect(await checkConfig(commandConnector, { argv: ['x'], shell: 'x' })).toHaveLength(1);
  });
});
