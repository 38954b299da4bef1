/** Milliseconds since the epoch. Passed as an argument, so that a test can stop it. */
export type Clock = () => number;

/** A fresh 128-bit id, base64url (22 characters). Passed as an argument, so that a test can fix it. */
export type RandomId = () => string;
