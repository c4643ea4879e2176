import { looksRandom } from './looks-random.js';
import { NOT_IN_MARKER } from './marker.js';
import { matchesOf } from './matches.js';
import { replaceSpans, type SecretSpan } from './spans.js';

interface TokenShape {
  what: string;
  /** Global. The secret is group 1 if there is one, else the whole match. */
  pattern: RegExp;
  /** One of them is part of every match. Looking for them first is some ten times faster than the pattern. */
  hints?: readonly string[];
  /** For shapes that ordinary text can have too. */
  accept?: (secret: string) => boolean;
}

// A short prefix counts only at the start of a word. In escaped JSON (\n), after a colour code and in a URL (%20) the
// character before the word is a letter or digit as well.
const START = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=\[[0-9;]{0,12}m)|(?<=%[0-9A-Fa-f]{2}))`;

// Every pattern runs in time linear in the text: a run is bounded, or nothing after it can fail.
const SHAPES: readonly TokenShape[] = [
  {
    what: 'github-token',
    hints: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    pattern:
      /gh[pousr]_[A-Za-z0-9]{20,}|ghs_\d{1,12}_[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]{8,}){0,2}|github_pat_[A-Za-z0-9_]{20,}/g,
  },
  { what: 'gitlab-token', hints: ['glpat-'], pattern: /glpat-[A-Za-z0-9_-]{20,}/g },
  { what: 'anthropic-key', hints: ['sk-ant-'], pattern: /sk-ant-[A-Za-z0-9_-]{16,}/g },
  {
    what: 'openai-key',
    hints: ['sk-'],
    pattern: new RegExp(`${START}sk-[A-Za-z0-9_-]{20,}`, 'g'),
    accept: isKeyAfterDash,
  },
  { what: 'google-key', hints: ['AIza', 'ya29.'], pattern: /AIza[A-Za-z0-9_-]{35,}|ya29\.[A-Za-z0-9_-]{20,}/g },
  {
    // SendGrid, DigitalOcean, Hugging Face, Shopify, Linear, PyPI, Docker, Groq, xAI, Vault, age, Notion, Grafana, Replicate.
    what: 'api-token',
    hints: [
      ...['SG.', 'dop_v1_', 'hf_', 'shp', 'lin_api_', 'pypi-', 'dckr_pat_'],
      ...['gsk_', 'xai-', 'hvs.', 'AGE-SECRET', 'ntn_', 'glsa_', 'r8_'],
    ],
    pattern: new RegExp(
      String.raw`${START}(?:SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}|dop_v1_[a-f0-9]{64}|hf_[A-Za-z0-9]{30,}|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}|lin_api_[A-Za-z0-9]{32,}|pypi-[A-Za-z0-9_-]{50,}|dckr_pat_[A-Za-z0-9_-]{20,}|gsk_[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{40,}|hvs\.[A-Za-z0-9_-]{24,}|AGE-SECRET-KEY-1[A-Z0-9]{58}|ntn_[A-Za-z0-9]{40,}|glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|r8_[A-Za-z0-9]{37})`,
      'g',
    ),
  },
  { what: 'npm-token', hints: ['npm_'], pattern: /npm_[A-Za-z0-9]{36,}/g },
  {
    what: 'slack-token',
    hints: ['xox', 'xapp-'],
    pattern: /xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}/g,
  },
  { what: 'slack-webhook', hints: ['hooks.slack.com'], pattern: /hooks\.slack\.com\/(services\/[A-Za-z0-9/]{20,})/g },
  {
    what: 'stripe-key',
    hints: ['k_live_', 'k_test_'],
    pattern: new RegExp(`${START}[rs]k_(?:live|test)_[A-Za-z0-9]{16,}`, 'g'),
  },
  {
    what: 'aws-secret',
    hints: ['AKIA', 'ASIA'],
    pattern: /A[KS]IA[A-Z0-9]{16}[\s\S]{1,100}?(?<![A-Za-z0-9/+])([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/g,
    accept: looksRandom,
  },
  { what: 'aws-key-id', hints: ['AKIA', 'ASIA'], pattern: /A[KS]IA[A-Z0-9]{16}/g },
  {
    what: 'jwt',
    hints: ['eyJ'],
    // Not after "-" or "_" either: otherwise each "eyJ-" of a long run would search the rest of the run.
    pattern: new RegExp(
      String.raw`${START}(?<![_-])eyJ[A-Za-z0-9_-]{8,1024}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?`,
      'g',
    ),
  },
  {
    what: 'url-password',
    hints: ['://'],
    pattern: /:\/\/[^\s:/@"'<>]{0,100}:([^\s:/@"'<>[\]]{3,500})@/g,
    accept: isNoVariable,
  },
  // A token in place of the user name; `git@`, `user@` and the like are short or no chance's work.
  { what: 'url-token', hints: ['://'], pattern: /:\/\/([^\s:/@"'<>[\]\\]{16,200})@/g, accept: looksRandom },
  {
    what: 'authorization',
    pattern: new RegExp(
      String.raw`authorization${NOT_IN_MARKER}["'\\]{0,3}\s{0,4}[:=]\s{0,4}["'\\]{0,3}(?:[a-z]{1,12}\s{1,4})?([A-Za-z0-9._~+/=-]{8,})`,
      'gi',
    ),
    accept: isNoWord,
  },
  { what: 'bearer-token', pattern: /bearer\s{1,4}([A-Za-z0-9._~+/=-]{16,})/gi, accept: (token) => /\d/.test(token) },
];

/** Replaces everything that has the shape of a known kind of secret. */
export function redactTokens(text: string): string {
  let result = text;
  for (const { what, pattern, hints, accept } of SHAPES) {
    if (hints && !hints.some((hint) => result.includes(hint))) continue;
    const spans: SecretSpan[] = [];
    for (const match of matchesOf(pattern, result)) {
      const secret = match[1] ?? match[0];
      const from = match.index + match[0].lastIndexOf(secret);
      if (!accept || accept(secret)) spans.push({ from, to: from + secret.length, what });
    }
    result = replaceSpans(result, spans);
  }
  return result;
}

/** Tells `sk-proj-4kD…` from `sk-` at the start of an ordinary name with dashes. */
function isKeyAfterDash(token: string): boolean {
  return looksRandom(token) || token.split(/[_-]/).some((part) => part.length >= 24 && /\d/.test(part));
}

/** "Authorization: required" is prose. */
function isNoWord(credentials: string): boolean {
  return (
    credentials.length >= 20 ||
    /\d/.test(credentials) ||
    (/[a-z]/.test(credentials) && /[A-Z]/.test(credentials.slice(1)))
  );
}

function isNoVariable(password: string): boolean {
  return !/^[$*{<]/.test(password);
}
