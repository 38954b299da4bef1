import type { SoftwareCard } from '../softwareCard.ts';

export declare function signChallenge(card: SoftwareCard, challenge: string): Promise<string>;
