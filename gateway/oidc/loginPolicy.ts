import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { Contract } from '../../schema/contract.ts';
import { helpfulMethods } from './requestedMethods.ts';

/** How long a proof of identity carries a session, seconds. */
const PROOF_GOOD = 3600;

/**
 * When the citizen is asked: the library's rules (no session, prompt, max_age, sub, essential acr), and two of ours. A proof is good for an hour,
 * however busy the session. A session proved with a method that the request does not want, or that opens nothing of what it asks for, is not
 * enough (RFC 9470).
 */
export function loginPolicy(
  methods: readonly { readonly id: string; readonly acr: string }[],
  contract: () => Contract,
): interactionPolicy.DefaultPolicy {
  const { Check, base } = interactionPolicy;
  const policy = base();
  const unhelpful = ({ oidc }: KoaContextWithOIDC): boolean => {
    const { acr } = oidc.session ?? {};
    return !helpfulMethods(oidc.params ?? {}, methods, contract()).some((method) => method.acr === acr);
  };
  const tooOld = ({ oidc: { session, result } }: KoaContextWithOIDC): boolean =>
    session?.accountId !== undefined && session.past(PROOF_GOOD) && result?.login === undefined;
  policy.get('login')?.checks.add(new Check('proof_too_old', 'identity was proved too long ago', 'login_required', tooOld));
  policy
    .get('login')
    ?.checks.add(new Check('method_unhelpful', 'identity was not proved in a way that this request needs', 'login_required', unhelpful));
  return policy;
}
