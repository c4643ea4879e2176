import { pathToFileURL } from 'node:url';
import { type Connector, checkConnectorShape } from '@signalbox/connectors';
import { messageOf } from '@signalbox/kernel';
import { SYSTEM } from '../actor.js';
import type { ConnectorSetEnv } from './connector-set.js';
import { findPlugin, type PluginPackage } from './find-plugin.js';
import { isPluginTrusted } from './plugin-trust.js';

export interface LoadedPlugin {
  name: string;
  version: string;
  folder: string;
  /** Absolute: the module by which `signalbox connector test` plays its agent. */
  conformance?: string;
  connectors: Connector[];
}

/**
 * Runs a plugin's modules in this process: only if the user has agreed to this very content, and policy allows it
 * (`connector.load`, recorded). Returns a sentence, with what to do, where it is not loaded.
 */
export async function loadPlugin(
  env: Pick<ConnectorSetEnv, 'paths' | 'door'>,
  entry: string,
): Promise<LoadedPlugin | string> {
  const plugin = findPlugin(env.paths, entry);
  if (typeof plugin === 'string') return plugin;
  if (!isPluginTrusted(env.paths, plugin)) {
    return `The plugin ${entry} is not loaded: nobody has agreed to it as it is now. Look and agree with \`signalbox trust\`.`;
  }
  const { name, version, folder, digest, conformance } = plugin;
  const ask = {
    actor: SYSTEM,
    action: { name: 'connector.load' },
    subject: 'project',
    resource: { id: name, digest, source: `${name}@${version}` },
  };
  try {
    const connectors = await env.door.permit(ask, async () => importConnectors(plugin));
    return { name, version, folder, connectors, ...(conformance === undefined ? {} : { conformance }) };
  } catch (error) {
    return `The plugin ${entry} is not loaded: ${messageOf(error)}`;
  }
}

async function importConnectors({ name, modules }: PluginPackage): Promise<Connector[]> {
  return Promise.all(
    modules.map(async (module) => {
      const exported = (await import(pathToFileURL(module).href)) as { default?: unknown };
      const problems = checkConnectorShape(exported.default);
      if (problems.length > 0) throw new Error(`${name} exports no connector: ${problems.join(' ')}`);
      return exported.default as Connector;
    }),
  );
}
