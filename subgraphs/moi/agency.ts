import { defineAgency } from '../_kit/defineAgency.ts';
import { registerHolds } from '../_kit/predicate.ts';

export default defineAgency({
  predicates: {
    'household-number': registerHolds('household-number'),
    'id-card-issue-date': registerHolds('id-card-issue-date'),
  },
});
