import { describe, expect, it } from '@jest/globals';
import { addressGroup } from './addressGroup.ts';

describe('one address for rate limits', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['seed', 'seed'],
    ['', ''],
  ])('%j is %j', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});
