import { HubError } from '../../schema/errors.ts';
import type { DevAuthority } from './devAuthority.ts';
import type { IdentityMethod, MethodResult, Nid } from './identityMethod.ts';
import { parseNid } from './nationalId.ts';
import type { Identity } from './openIdentity.ts';
import type { DevelopmentSms } from './smsGateway.ts';
import { signChallenge } from './softwareCard.ts';

/** What the seeding needs of a synthetic person (personas.json). */
export interface DemonstrationPerson {
  readonly id: string;
  readonly name: { readonly en: string };
  readonly nationalId: string | null;
  readonly uiNumber: string | null;
  readonly mobileNumber: string | null;
  readonly heldMethods: readonly string[];
}

export interface Demonstration {
  readonly identity: Identity;
  readonly authority: DevAuthority;
  /** Messages of the development SMS gateway, newest first. */
  readonly listMessages: () => readonly DevelopmentSms[];
  readonly people: readonly DemonstrationPerson[];
}

/**
 * Gives each person what she holds: a card where she has the citizen certificate, and her mobile number bound where she has one-time codes, by
 * the very forms she would fill in. Done again at each start without effect. Throws CONFIGURATION for a person who cannot hold what she is said to.
 */
export async function seedDemonstration({ identity, authority, listMessages, people }: Demonstration): Promise<void> {
  for (const person of people) {
    if (!person.heldMethods.includes('citizen-certificate')) continue;
    const nid = parseNid(person.nationalId ?? person.uiNumber ?? '');
    if (nid === null) throw new HubError('CONFIGURATION', `${person.id} has no ID number.`);
    const card = await authority.issue({ holder: person.id, name: person.name.en, nid });
    if (person.heldMethods.includes('otp-sms') && person.mobileNumber !== null && !(await isBound(identity, nid))) {
      const bound = await bind(identity, nid, person.mobileNumber, (challenge) => signChallenge(card, challenge), listMessages);
      if (!bound) throw new HubError('CONFIGURATION', `${person.id}: the mobile number could not be bound.`);
    }
  }
}

async function isBound(identity: Identity, nid: Nid): Promise<boolean> {
  const subject = await identity.findSubject(nid);
  return subject !== null && (await identity.readPhone(subject)) !== null;
}

async function bind(
  identity: Identity,
  nid: Nid,
  bindMobile: string,
  sign: (challenge: string) => string,
  listMessages: Demonstration['listMessages'],
): Promise<boolean> {
  const method = identity.methods.get('citizen-certificate') as IdentityMethod;
  const context = { interaction: 'seed', request: 'seed', address: 'seed' };
  const { state, challenge = '' } = await method.begin({ interaction: context.interaction, language: 'en' });
  const sent: MethodResult = await method.submit(state, { nationalId: nid.value, signature: sign(challenge), bindMobile }, context);
  if (sent.kind !== 'CONTINUE') return false;
  const otpCode = /[0-9]{6}/.exec(listMessages().find(({ number }) => number === bindMobile)?.text ?? '')?.[0] ?? '';
  const done = await method.submit(sent.state, { otpCode }, context);
  return done.kind === 'PROVED' && (await isBound(identity, nid));
}
