import type { JsonObject } from '@signalbox/kernel';

/** The attributes that a rule about `net.fetch` may use. What is no URL matches no rule that allows. */
export function urlParts(text: string): JsonObject {
  if (!URL.canParse(text)) return { host: '', scheme: '' };
  const url = new URL(text);
  const scheme = url.protocol.replace(/:$/, '');
  return { host: url.hostname, port: Number(url.port) || (scheme === 'http' ? 80 : 443), scheme };
}
