import { canonicalJson } from './canonical.ts';
import type { FieldSet } from './fieldSet.ts';
import { warrantPlaintext, type RegisterKey, type WarrantClaims } from './warrant.ts';

/** What all warrants of one request say alike. */
export interface CommonClaims {
  readonly iss: string;
  readonly iat: number;
  readonly exp: number;
  readonly sub: string;
  readonly act?: string | undefined;
  readonly nid: RegisterKey;
  readonly cid: string;
  readonly cv: number;
  readonly svc: string;
  readonly pur: string;
}

/** What one of them says alone. */
export interface CallClaims {
  readonly aud: string;
  readonly jti: string;
  readonly op: string;
  readonly args?: string | undefined;
  /** In normal form; its text is kept where it is frozen. */
  readonly fld: FieldSet;
}

/** Claims with their plaintext, which is digested for the log first and sealed later. Frozen: the text stays theirs. */
class WrittenClaims implements WarrantClaims {
  readonly iss: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly sub: string;
  declare readonly act?: string;
  readonly nid: RegisterKey;
  readonly cid: string;
  readonly cv: number;
  readonly svc: string;
  readonly pur: string;
  readonly op: string;
  declare readonly args?: string;
  readonly fld: FieldSet;
  readonly #text: string;

  constructor(common: CommonClaims, call: CallClaims, text: string) {
    this.iss = common.iss;
    this.aud = call.aud;
    this.iat = common.iat;
    this.exp = common.exp;
    this.jti = call.jti;
    this.sub = common.sub;
    if (common.act !== undefined) this.act = common.act;
    this.nid = common.nid;
    this.cid = common.cid;
    this.cv = common.cv;
    this.svc = common.svc;
    this.pur = common.pur;
    this.op = call.op;
    if (call.args !== undefined) this.args = call.args;
    this.fld = call.fld;
    this.#text = text;
    Object.freeze(this);
  }

  static plaintextOf(claims: WarrantClaims): string | null {
    return #text in claims ? claims.#text : null;
  }
}

const quote = (text: string): string => JSON.stringify(text);

/** Writes the warrants of one request, each with its plaintext: {@link warrantPlaintext}, put together once instead of member by member. */
export function warrantWriter(common: CommonClaims): (call: CallClaims) => WarrantClaims {
  const { iss, iat, exp, sub, act, nid, cid, cv, svc, pur } = common;
  const first = `{"iss":${quote(iss)},"aud":`;
  const times = `,"iat":${iat},"exp":${exp},"jti":`;
  const actor = act === undefined ? '' : `,"act":${quote(act)}`;
  const key = `{"kind":${quote(nid.kind)},"value":${quote(nid.value)}}`;
  const whose = `,"sub":${quote(sub)}${actor},"nid":${key},"cid":${quote(cid)},"cv":${cv},"svc":${quote(svc)},"pur":${quote(pur)},"op":`;
  return (call) => {
    const args = call.args === undefined ? '' : `,"args":${quote(call.args)}`;
    const last = `${quote(call.op)}${args},"fld":${canonicalJson(call.fld)}}`;
    return new WrittenClaims(common, call, first + quote(call.aud) + times + quote(call.jti) + whose + last);
  };
}

/** The text that is sealed: the one that the claims were written with, where they were. */
export function plaintextOf(claims: WarrantClaims): string {
  return WrittenClaims.plaintextOf(claims) ?? warrantPlaintext(claims);
}
