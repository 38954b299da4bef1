import { identityMethod } from '../../schema/identityMethods.ts';
import { HOUSEHOLD_NUMBER, ID_CARD_ISSUE_DATE, MESSAGES, NATIONAL_ID, NHI_CARD_NUMBER } from './formFields.ts';
import type { BothLanguages, IdentityMethod, MethodResult, Nid } from './identityMethod.ts';
import { addressKey, mayLogIn, personKey, proved, refuse, type LoginDesk } from './loginDesk.ts';
import { parseNid } from './nationalId.ts';

const ID = 'multi-factor';

/**
 * Asks a register a yes/no question under a warrant (docs/contract.md §4, "Checks"), and has it in the audit log before the register is asked.
 * Rejects when the register does not answer. `subject`: DataSubject.id, or null for a person the hub does not know yet.
 */
export type RegisterCheck = (
  agency: string,
  predicate: string,
  args: Readonly<Record<string, string>>,
  nid: Nid,
  context: { readonly request: string; readonly subject: string | null },
) => Promise<boolean>;

interface Question {
  readonly agency: string;
  readonly predicate: string;
  readonly value: string;
}

const clean = (text: string | undefined): string => (text ?? '').normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();

function isDate(text: string): boolean {
  const time = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The questions of a form, or what to correct in it: that depends on the entries alone, never on a register. */
function questionsOf(form: Readonly<Record<string, string>>): readonly Question[] | BothLanguages {
  const nhi = clean(form['nhiCardNumber']);
  if (!/^[0-9]{12}$/.test(nhi)) return MESSAGES.nhiTypo;
  const household = clean(form['householdNumber']);
  const issued = (form['idCardIssueDate'] ?? '').trim();
  if ((household !== '' && !/^[A-Z][0-9]{7}$/.test(household)) || (issued !== '' && !isDate(issued)) || household + issued === '')
    return MESSAGES.householdMissing;
  return [
    { agency: 'mohw', predicate: 'nhi-card-number', value: nhi },
    ...(household === '' ? [] : [{ agency: 'moi', predicate: 'household-number', value: household }]),
    ...(issued === '' ? [] : [{ agency: 'moi', predicate: 'id-card-issue-date', value: issued }]),
  ];
}

/**
 * 多因子驗證（不需實體卡）: ID, NHI card number, and household number or issue date of the ID card, asked of the two registers. Both are always
 * asked, at the same time, whatever the other says; the answer is the same whichever entry was wrong; tries are counted before they are made.
 */
export function multiFactor(desk: LoginDesk, check: RegisterCheck): IdentityMethod {
  const { acr = '', name = { 'zh-TW': ID, en: ID }, assurance = 'LOW' } = identityMethod(ID) ?? {};
  const first = { step: 'numbers', fields: [NATIONAL_ID, NHI_CARD_NUMBER, HOUSEHOLD_NUMBER, ID_CARD_ISSUE_DATE] };
  const again = (message: BothLanguages): MethodResult => ({ kind: 'CONTINUE', step: { ...first, message }, state: desk.steps.newId() });

  const method: IdentityMethod = {
    id: ID,
    acr,
    label: name,
    assurance,
    begin: async () => ({ ...first, state: desk.steps.newId() }),
    async submit(_state, form, context) {
      const nid = parseNid(form['nationalId'] ?? '');
      if (nid === null) return again(MESSAGES.idTypo);
      const questions = questionsOf(form);
      if (!Array.isArray(questions)) return again(questions as BothLanguages);
      const person = personKey(desk, ID, nid);
      if (!(await desk.attempts.take(addressKey(desk, context), desk.limits.address)))
        return refuse(desk, ID, nid, context, 'IDENTITY_LOCKED', 'address');
      if (!(await desk.attempts.take(person, desk.limits.person))) return refuse(desk, ID, nid, context, 'IDENTITY_LOCKED', 'person');

      const about = { request: context.request, subject: await desk.subjects.find(nid) };
      const asked = (questions as readonly Question[]).map(({ agency, predicate, value }) =>
        check(agency, predicate, { value }, nid, about),
      );
      const answers = await Promise.allSettled(asked);
      if (answers.some(({ status }) => status === 'rejected'))
        return refuse(desk, ID, nid, context, 'UNAVAILABLE', 'a register did not answer');
      const holds = answers.every((answer) => answer.status === 'fulfilled' && answer.value);
      if (!holds || !(await mayLogIn(desk, nid))) return refuse(desk, ID, nid, context, 'IDENTITY_NOT_PROVED', 'not all entries fit');
      await desk.attempts.forgive(person);
      await desk.attempts.giveBack(addressKey(desk, context));
      return proved(method, nid, desk.now());
    },
  };
  return method;
}
