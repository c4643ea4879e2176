import type { Connector } from '@signalbox/connectors';
import type { Door } from '../door/door.js';
import type { ProjectPaths } from '../project/paths.js';
import type { LoadedPlugin } from './load-plugin.js';

/** A connector that can be used, and where it comes from. */
export interface OfferedConnector {
  connector: Connector;
  /** Null: it comes with Signalbox. */
  plugin: { name: string; version: string; folder: string; conformance?: string } | null;
}

/** The connectors of a project. Plugins are loaded when somebody asks for what does not come with Signalbox, and once. */
export interface ConnectorSet {
  find(id: string): Promise<Connector | null>;
  /** All that can be used, in the order in which they were named, and why others of the project's plugins cannot. */
  list(): Promise<{ offered: OfferedConnector[]; problems: string[] }>;
}

export interface ConnectorSetEnv {
  builtin: readonly Connector[];
  /** As `.ai/config.yaml` names them; empty unless that file is trusted. */
  plugins: readonly string[];
  paths: ProjectPaths;
  door: Pick<Door, 'permit'>;
}

export function createConnectorSet(env: ConnectorSetEnv): ConnectorSet {
  const builtin = env.builtin.map((connector): OfferedConnector => ({ connector, plugin: null }));
  const list = once(async () => {
    const offered = [...builtin];
    const problems: string[] = [];
    if (env.plugins.length === 0) return { offered, problems };
    const { loadPlugin } = await import('./load-plugin.js');
    for (const entry of env.plugins) {
      const loaded: LoadedPlugin | string = await loadPlugin(env, entry);
      if (typeof loaded === 'string') {
        problems.push(loaded);
        continue;
      }
      const { connectors, ...plugin } = loaded;
      for (const connector of connectors) {
        const taken = offered.find((other) => other.connector.id === connector.id);
        if (taken) problems.push(`The plugin ${entry} offers a connector "${connector.id}", which there is already.`);
        else offered.push({ connector, plugin });
      }
    }
    return { offered, problems };
  });
  const among = (offered: readonly OfferedConnector[], id: string): Connector | null =>
    offered.find(({ connector }) => connector.id === id)?.connector ?? null;
  return {
    async find(id) {
      return among(builtin, id) ?? among((await list()).offered, id);
    },
    list,
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
