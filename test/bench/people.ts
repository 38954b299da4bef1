/** Which of the bench's citizens does what, by number. The first ones come again and again; from `COLD_FROM` on, each asks once. */
export const WARM = { from: 0, count: 64 } as const;
/** They permit parts of what is asked: mix.ts. */
export const MIXED = { from: 64, count: 64 } as const;
/** They withdraw in the middle of a load. */
export const WITHDRAWING = { from: 128, count: 8 } as const;
export const COLD_FROM = 136;

/** The agency that fails its callers in an attack. */
export const MISBEHAVING = 'moe';
