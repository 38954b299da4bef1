import { defineAgency } from '../_kit/defineAgency.ts';
import { registerHolds } from '../_kit/predicate.ts';

export default defineAgency({
  predicates: { 'nhi-card-number': registerHolds('nhi-card-number') },
});
