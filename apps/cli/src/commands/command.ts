import type { Command } from 'commander';

/** A command with the options that all take, and an example in its help. */
export function command(
  parent: Command,
  signature: string,
  description: string,
  example: string,
  /** What the noun does when no verb is given. */
  { isDefault = false } = {},
): Command {
  const made = parent
    .command(signature, { isDefault })
    .description(description)
    .option('--json', 'print one JSON document on standard output')
    .option('--root <dir>', 'the project (default: the nearest folder with .ai/, else the git root)')
    .addHelpText('after', `\nExample:\n  $ ${example}`);
  return made;
}

/** A noun that holds verbs. Without a verb it shows its help. */
export function noun(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description);
}
