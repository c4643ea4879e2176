import type { ProjectPaths } from '../project/paths.js';
import { openTrustStore } from '../project/trust.js';
import { findPlugin, type PluginPackage } from './find-plugin.js';

/** A plugin that the project names and that nobody has agreed to as it is now. */
export interface PluginPreview {
  entry: string;
  name: string;
  version: string;
  folder: string;
  digest: string;
  /** What was agreed to before; null if nothing ever was. */
  before: string | null;
}

/** Under which the record of trust keeps a plugin: not a path, so that it is never taken for one of the project's files. */
function keyOf({ folder }: Pick<PluginPackage, 'folder'>): string {
  return `plugin:${folder}`;
}

function textOf({ name, version, digest }: Pick<PluginPackage, 'name' | 'version' | 'digest'>): string {
  return `${name}@${version} ${digest}\n`;
}

/** Whether the user has agreed to this very content. */
export function isPluginTrusted(paths: ProjectPaths, plugin: PluginPackage): boolean {
  return openTrustStore(paths.trust).isTrusted(keyOf(plugin), textOf(plugin));
}

/** The plugins of a project that wait for the user's agreement; one that is not installed is left out. */
export function previewPlugins(paths: ProjectPaths, entries: readonly string[]): PluginPreview[] {
  const trust = openTrustStore(paths.trust);
  return entries.flatMap((entry) => {
    const plugin = findPlugin(paths, entry);
    if (typeof plugin === 'string' || isPluginTrusted(paths, plugin)) return [];
    const { name, version, folder, digest } = plugin;
    const before = trust.agreed(keyOf(plugin))?.text?.split(' ')[0] ?? null;
    return [{ entry, name, version, folder, digest, before }];
  });
}

/** Agrees to plugins as previewed: to that content, whatever lies there by now. */
export function grantPlugins(paths: ProjectPaths, previews: readonly PluginPreview[]): void {
  const trust = openTrustStore(paths.trust);
  for (const preview of previews) trust.grant(keyOf(preview), textOf(preview));
}
