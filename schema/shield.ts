import { createRequire } from 'node:module';
import type * as Shield from 'graphql-shield';

/**
 * graphql-shield 7.6.5 by its CommonJS build. Its ES module imports `isUndefined` from `node:util`, which Node 23 took out, so that nothing
 * that imports it starts there (maticzav/graphql-shield#1561; mended upstream, never released). What we use of it never calls that function;
 * its `chain` and `race` would, and are not offered here for that reason.
 */
export const { allow, deny, rule, shield } = createRequire(import.meta.url)('graphql-shield') as Pick<
  typeof Shield,
  'allow' | 'deny' | 'rule' | 'shield'
>;
