import { looksRandom } from './looks-random.js';
import { isMarked, markSecret, NOT_IN_MARKER } from './marker.js';
import { matchesOf } from './matches.js';
import { replaceSpans, type SecretSpan } from './spans.js';

// Names under which a secret is kept. `key` alone is not one of them: cacheKey, publicKey and idempotencyKey are no secrets.
const SECRET_NAME =
  '(?:passw(?:or)?d|passphrase|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|auth[_-]?key|session[_-]?key|cookie)';
const PASSWORD_NAME = /(?:passw(?:or)?d|passphrase|secret|_PWD|_PASS)$/i;
/** A password may be shorter than what a machine makes, but then only what is no word counts: `'password' : 'secret'` is program text. */
const SHORT_PASSWORD = /^(?=.*[A-Za-z])(?=.*[^A-Za-z]).{6,7}$/;
const MIN_LENGTH = 8;
const NAME_REST = '[A-Za-z0-9_-]{0,20}';

const VALUE = String.raw`([^\s"'${'`'},;<>(){}[\]\\|]{6,})`;
const ASSIGNMENT = new RegExp(
  String.raw`(${SECRET_NAME}${NAME_REST})${NOT_IN_MARKER}(["'\\]{0,3}\s{0,4}(?::=|=>|[:=])\s{0,4}["'${'`'}\\]{0,3})${VALUE}`,
  'gi',
);
// In an environment file and in a shell, where STRIPE_KEY is a secret and PUBLIC_KEY, CACHE_KEY and SORT_KEY are none.
const ENVIRONMENT = new RegExp(
  `((?<![A-Za-z0-9_])(?!PUBLIC|CACHE|SORT|PRIMARY|FOREIGN)(?:[A-Z0-9]{1,30}_){1,6}(?:KEY|PAT|PWD|PASS))(=["']?)${VALUE}`,
  'g',
);
const FLAG = new RegExp(String.raw`(--?[A-Za-z0-9-]{0,30}?${SECRET_NAME}${NAME_REST})(\s{1,4}["']?)${VALUE}`, 'gi');
/** Part of every match of one of the three. */
const SIGN = /[-:=]/;
const WHOLE_NAME = new RegExp(`${SECRET_NAME}${NAME_REST}$`, 'i');

/** Replaces what is assigned to a name such as `password`, `API_TOKEN` or `--client-secret`, if it can be a secret. */
export function redactAssignments(text: string): string {
  if (!SIGN.test(text)) return text;
  return [ASSIGNMENT, ENVIRONMENT, FLAG].reduce(
    (result, pattern) => replaceSpans(result, findValues(result, pattern)),
    text,
  );
}

function findValues(text: string, pattern: RegExp): SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (const match of matchesOf(pattern, text)) {
    const [whole, name = '', between = '', value = ''] = match;
    const quoted = /["'`]/.test(between.slice(between.search(/[:=\s]/)));
    // A number without quotes under a key with quotes is a JSON number, and a marker would be none.
    if (!quoted && /^["']/.test(between) && /^[-+.\d]/.test(value) && Number.isFinite(Number(value))) continue;
    if (!canBeSecret(name, value, quoted || between === '=')) continue;
    const from = match.index + whole.length - value.length;
    spans.push({ from, to: from + value.length, what: secretKind(name) });
  }
  return spans;
}

/** True for the name of a member or flag whose value may be a secret. */
export function isSecretName(name: string): boolean {
  return WHOLE_NAME.test(name);
}

/** A whole value that stands under a secret name: a marker in its place, or `undefined` if it cannot be a secret. */
export function redactNamedValue(name: string, value: string): string | undefined {
  if (!canBeSecret(name, value, true)) return undefined;
  return markSecret(secretKind(name), value);
}

/**
 * `literal` says that the value is quoted or tight behind an `=`, as in an environment file. Elsewhere `token: parseToken` is
 * program text, so only what has a digit in it counts.
 */
function canBeSecret(name: string, value: string, literal: boolean): boolean {
  const isShortPassword = literal && PASSWORD_NAME.test(name) && SHORT_PASSWORD.test(value);
  if ((value.length < MIN_LENGTH && !isShortPassword) || isMarked(value)) return false;
  // A variable, a placeholder, a member access, the name of an environment variable, one of our ids, a digest.
  if (
    /^[$%<{*]|^(?:process|import|env)\.|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^[a-z]{3}_[0-9a-hjkmnp-tv-z]{17}$|^sha\d{1,3}[:-]/.test(
      value,
    )
  )
    return false;
  if (PASSWORD_NAME.test(name)) return literal ? !/\s/.test(value) : /\d/.test(value) && /[A-Za-z]/.test(value);
  return (
    looksRandom(value) ||
    isLongHex(value) ||
    (literal && value.length >= 16 && /\d/.test(value) && /[A-Za-z]/.test(value))
  );
}

function isLongHex(value: string): boolean {
  return value.length >= 32 && /^[0-9a-f]+$/i.test(value);
}

function secretKind(name: string): string {
  return PASSWORD_NAME.test(name) ? 'password' : 'secret';
}
