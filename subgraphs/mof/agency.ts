import { defineAgency } from '../_kit/defineAgency.ts';

export default defineAgency({});
