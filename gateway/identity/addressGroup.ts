import { isIPv6 } from 'node:net';

/**
 * What counts as one address for rate limits: an IPv4 address (also where it is written as IPv6), or an IPv6 network of 64 bits, of which one
 * subscriber has all the addresses. Anything else stands for itself.
 */
export function addressGroup(address: string): string {
  const plain = address.replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const mapped = /^::ffff:([0-9]+\.[0-9.]+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  // WHATWG URL writes an IPv6 address in its one short form.
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string | undefined): readonly string[] => (part === undefined || part === '' ? [] : part.split(':'));
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  return `${[...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)].slice(0, 4).join(':')}::/64`;
}
