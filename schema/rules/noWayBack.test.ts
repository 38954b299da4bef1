import { describe, expect, it } from '@jest/globals';
import { noWayBack } from './noWayBack.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('noWayBack', () => {
  it('lets a dataset pass that leads nowhere else', () => expect(says(noWayBack, SAMPLE)).toEqual([]));

  it.each(['DataSubject', '[DataSubject!]', 'DataSubject!'])('refuses a field of type %s', (type) => {
    expect(saysOfChange(noWayBack, 'name: String', `person: ${type} name: String`)).toEqual([
      "ListedMember.person: it returns DataSubject. Give the other person's fields as third-party leaves instead.",
    ]);
  });

  it('refuses it straight on DataSubject', () => {
    expect(says(noWayBack, 'extend type DataSubject { spouse: DataSubject }')).toHaveLength(1);
  });
});
