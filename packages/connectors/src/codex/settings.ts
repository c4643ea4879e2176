import type { Json, JsonObject } from '@signalbox/kernel';
import { textAt } from '../claude-code/json-access.js';
import { chooseProvider } from './login.js';

/** Our own provider's name in codex's settings. */
const PROVIDER = 'model_providers.signalbox';

/** What codex does by itself, beyond running commands and editing files: none of it is asked about, so all of it is off. */
const FEATURES_OFF = [
  ...['apps', 'browser_use', 'computer_use', 'daemon_auto_start', 'goals', 'hooks', 'image_generation', 'multi_agent'],
  ...['plugins', 'remote_plugin', 'shell_snapshot', 'skill_mcp_dependency_install', 'tool_suggest'],
  'unbounded_connection_retries', // a provider that is not there would be waited for without end
];

/** Of the environment, what commands of the agent do not see: the log-in, and the time zone that is there for codex alone. */
const HIDDEN_FROM_COMMANDS = ['OPENAI_*', 'CODEX_*', 'TZ'];

/**
 * Codex's settings for one run (key names of 0.169). They are given on its command line, where they outrank every file, and
 * no file of settings is read: neither its hooks nor its MCP servers then run, and nothing is sent home.
 */
export function codexSettings(
  config: JsonObject,
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, Json>> {
  const settings: Record<string, Json> = {
    approval_policy: 'never',
    sandbox_mode: sandboxOf(config),
    'sandbox_workspace_write.network_access': config['network'] === true,
    // /tmp is shared by all agents; the temporary folder of the attempt stays writable.
    'sandbox_workspace_write.exclude_slash_tmp': true,
    allow_login_shell: false,
    'shell_environment_policy.inherit': 'all',
    'shell_environment_policy.exclude': HIDDEN_FROM_COMMANDS,
    web_search: 'disabled',
    project_doc_max_bytes: 0, // AGENTS.md of the base commit is in the prompt
    'skills.include_instructions': false,
    'skills.bundled.enabled': false,
    'analytics.enabled': false,
    'feedback.enabled': false,
    'history.persistence': 'none',
    check_for_update_on_startup: false,
  };
  for (const feature of FEATURES_OFF) settings[`features.${feature}`] = false;
  if (environment['TZ']) settings['shell_environment_policy.set.TZ'] = environment['TZ'];
  const effort = textAt(config, 'reasoningEffort');
  if (effort !== null) settings['model_reasoning_effort'] = effort;
  const provider = chooseProvider(config, environment);
  if (!provider) return settings;
  const { baseUrl, keyVariable } = provider;
  settings['model_provider'] = 'signalbox';
  settings[`${PROVIDER}.name`] = 'signalbox';
  settings[`${PROVIDER}.base_url`] = baseUrl;
  settings[`${PROVIDER}.wire_api`] = 'responses';
  if (keyVariable === null) return { ...settings, ...RETRIES };
  settings[`${PROVIDER}.env_key`] = keyVariable;
  settings['shell_environment_policy.exclude'] = [...HIDDEN_FROM_COMMANDS, keyVariable];
  return { ...settings, ...RETRIES };
}

/** How strictly codex holds its commands and edits. */
export function sandboxOf(config: JsonObject): 'workspace-write' | 'read-only' {
  return textAt(config, 'sandbox') === 'read-only' ? 'read-only' : 'workspace-write';
}

/** Few, since ours know the reason. */
const RETRIES = { [`${PROVIDER}.request_max_retries`]: 1, [`${PROVIDER}.stream_max_retries`]: 2 };
