import { describe, expect, it } from '@jest/globals';
import { isLoopback } from './loopback.ts';

describe('the loopback', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost', 'LOCALHOST'])('is %s', (host) => expect(isLoopback(host)).toBe(true));
  it.each(['0.0.0.0', '::', '127.0.0.1.example', 'localhost.example', '10.0.0.1', '', '::ffff:127.0.0.1', '1127.0.0.1'])(
    'is not "%s"',
    (host) => expect(isLoopback(host)).toBe(false),
  );
});
