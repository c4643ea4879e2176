import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { messageOf } from '@signalbox/kernel';
import * as z from 'zod';
import type { ProjectPaths } from '../project/paths.js';
import { digestFolder, isOwnFile } from './digest-folder.js';

/** A package that offers connectors, as it lies on the disk now. */
export interface PluginPackage {
  /** As `.ai/config.yaml` names it. */
  entry: string;
  name: string;
  version: string;
  /** Absolute, and real. */
  folder: string;
  /** Absolute paths of the modules whose default exports are connectors. */
  modules: string[];
  /** Absolute: what to test its connectors with. */
  conformance?: string;
  /** Over the names and contents of its files, those of a `node_modules` in it included. */
  digest: string;
}

const manifestSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  signalbox: z.strictObject({
    apiVersion: z.literal(1),
    connectors: z.array(z.string().min(1)).min(1),
    conformance: z.string().min(1).optional(),
  }),
});

/**
 * Finds a plugin and reads what it offers, without running any of it. `entry`: a path relative to the root that begins with a
 * dot, an absolute path, or a package name, which is looked for in the `node_modules` of the root, of the folders above it, and
 * of the folder `plugins` in the user's configuration. Returns a sentence where there is none that could be loaded.
 */
export function findPlugin(paths: ProjectPaths, entry: string): PluginPackage | string {
  const found = placesOf(paths, entry).find((place) => existsSync(join(place, 'package.json')));
  if (found === undefined) return `The plugin ${entry} is not installed.`;
  try {
    const folder = realpathSync(found);
    const manifest = manifestSchema.safeParse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    if (!manifest.success) return `${entry} is no plugin for this version: ${describe(manifest.error)}.`;
    const { name, version, signalbox } = manifest.data;
    const modules = signalbox.connectors.map((module) => resolve(folder, module));
    const conformance = signalbox.conformance === undefined ? [] : [resolve(folder, signalbox.conformance)];
    const stray = [...modules, ...conformance].find((module) => !isOwnFile(folder, module));
    if (stray !== undefined) return `The plugin ${entry} names ${stray}, which is not among its files.`;
    const tests = conformance[0] === undefined ? {} : { conformance: conformance[0] };
    return { entry, name, version, folder, modules, ...tests, digest: digestFolder(folder) };
  } catch (error) {
    return `The plugin ${entry} cannot be read: ${messageOf(error).replace(/\.$/, '')}.`;
  }
}

function placesOf({ root, home }: ProjectPaths, entry: string): string[] {
  if (isAbsolute(entry)) return [entry];
  if (entry.startsWith('.')) return [resolve(root, entry)];
  const places: string[] = [];
  for (let folder = root; ; folder = dirname(folder)) {
    places.push(join(folder, 'node_modules', entry));
    if (folder === dirname(folder)) break;
  }
  return [...places, join(home.config, 'plugins', 'node_modules', entry)];
}

function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  return `in its package.json, ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'does not fit'}`;
}
