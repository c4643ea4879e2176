import type { ShellWord } from './line.js';

/**
 * What a command that starts another program starts.
 *
 * `transparent`: the wrapper adds nothing that needs a rule of its own. `why`: it must be asked about all the same.
 */
export type Unwrapped =
  | { readonly kind: 'none' }
  | { readonly kind: 'opaque'; readonly why: string }
  | {
      readonly kind: 'commands';
      readonly commands: readonly (readonly ShellWord[])[];
      readonly transparent: boolean;
      readonly why?: string;
    }
  | {
      readonly kind: 'script';
      readonly source: string;
      /** `posix`: whatever shell `sh` is there. */
      readonly dialect: 'bash' | 'posix';
      readonly transparent: boolean;
      readonly why?: string;
    };
