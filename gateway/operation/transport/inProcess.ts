import type { AgencyTransport, AnsweringAgency } from '../../../schema/agencyTransport.ts';

/** Reaches an agency that lives in this process: the same claims, frozen, and the same checks, except opening (docs/warrant.md). */
export function inProcessTransport({ agency }: { readonly agency: AnsweringAgency }): AgencyTransport {
  return {
    agency: agency.id,
    call: (request) => agency.answer({ ...request, warrant: Object.freeze(request.warrant) }),
    check: (request) => agency.check({ ...request, warrant: Object.freeze(request.warrant) }),
    close: () => Promise.resolve(),
  };
}
