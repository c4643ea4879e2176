import { isSecretName } from './assignments.js';
import { MIN_SECRET_LENGTH } from './known-secrets.js';

const KEY_NAME = /_(?:KEY|PAT|PWD|PASS|DSN)$/i;
const NO_KEY_NAME = /PUBLIC_KEY$|KEY_ID$|ASKPASS$|_SOCK$|^PWD$|^OLDPWD$/i;
const USERINFO = /:\/\/[^\s:/@]{0,100}:([^\s/@]{3,500})@/;
/** A setting such as `TOKEN_STORE=keychain` is a word, and hiding it everywhere would hide the word. */
const WORD = /^[A-Za-z]{1,11}$|^(?:true|false|\d{1,9})$/i;

/**
 * The values of an environment that must never be written down, for `createRedactor`: those under names such as `API_TOKEN`
 * or `STRIPE_KEY`, and passwords in URLs. Paths, single words and short numbers are left out.
 */
export function secretsOf(environment: Readonly<Record<string, string | undefined>>): string[] {
  const secrets = new Set<string>();
  for (const [name, value = ''] of Object.entries(environment)) {
    const password = USERINFO.exec(value)?.[1];
    if (password !== undefined) addWithDecoded(secrets, password);
    const telling = (isSecretName(name) || KEY_NAME.test(name)) && !NO_KEY_NAME.test(name);
    if (telling && !/^(?:~|\.{0,2})\//.test(value)) secrets.add(value.trim());
  }
  return [...secrets].filter((value) => value.length >= MIN_SECRET_LENGTH && !WORD.test(value));
}

function addWithDecoded(secrets: Set<string>, password: string): void {
  secrets.add(password);
  try {
    secrets.add(decodeURIComponent(password));
  } catch {
    // It is no percent-encoding, so it stands for itself.
  }
}
