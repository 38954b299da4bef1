import { describe, expect, it } from '@jest/globals';
import { noHints } from './noHints.ts';
import { SAMPLE } from './sampleAgency.ts';
import { sampleComposed, sampleSources } from './sampleComposed.ts';

describe('noHints', () => {
  it('lets a composition pass about which the composer had nothing to say', () => expect([...noHints(sampleComposed())]).toEqual([]));

  it('refuses what the composer only hints at', () => {
    const other = SAMPLE.replace('"低收入戶 | Low-income household"', '"不同 | Other words"').replace(/^(extend type|type)[^}]*}/gm, '');
    const composed = sampleComposed(sampleSources({ mohw: SAMPLE, moi: other }));
    expect([...noHints(composed)].map(({ what }) => what)).toContain('INCONSISTENT_DESCRIPTION');
  });
});
