import type { ScreenField, ScreenModel } from '../../gateway/domain/screenModel.ts';

const both = (text: string) => ({ 'zh-TW': `中${text}`, en: text });
const certificate = {
  id: 'citizen-certificate',
  acr: 'urn:mydata:acr:citizen-certificate',
  name: { 'zh-TW': '自然人憑證', en: 'Citizen digital certificate' },
};
const field = (path: string, more: Partial<ScreenField> = {}): ScreenField => ({
  path,
  label: both(`label of ${path}`),
  openable: true,
  openedBy: [certificate],
  fixed: false,
  ...more,
});

/** A consent screen with everything on it: fixed, optional and closed fields, and both acts of their own. Its texts try to be markup. */
export const sampleScreen: ScreenModel = {
  v: 1,
  language: 'en',
  consent: 'consent-1',
  requester: { id: 'moe.k12ea', name: { 'zh-TW': '國教署 <b>', en: 'K-12 <b>"Administration"</b>' }, isSelf: false },
  service: { id: 'test.service', version: 1, name: both('Tuition waiver') },
  purpose: { code: 'dpv:RequestedServiceProvision', pdpa: '109', pdpaName: both('Education'), text: both('Waive tuition') },
  legalBasis: both('PDPA art. 15(2)'),
  mode: 'PERIOD',
  maxUses: null,
  durations: [
    { iso: 'P6M', words: both('6 months') },
    { iso: 'P1M', words: both('1 month') },
  ],
  proved: [],
  acts: [
    {
      kind: 'ORDINARY',
      heading: both('Data to be provided'),
      explanation: null,
      legalBasis: both('basis'),
      datasets: [
        { id: 'a.one', name: both('One'), description: null, necessity: 'REQUIRED', why: both('why one'), heldUnder: both('Act 1'), fields: [field('needed', { fixed: true })] },
        { id: 'b.two', name: both('Two'), description: null, necessity: 'REQUIRED', why: both('why two'), heldUnder: both('Act 2'), fields: [field('open'), field('closed', { openable: false })] },
      ],
    },
    {
      kind: 'SPECIAL',
      heading: both('Special-category data'),
      explanation: both('special'),
      legalBasis: both('art. 6'),
      datasets: [{ id: 'c.three', name: both('Three'), description: null, necessity: 'OPTIONAL', why: both('why three'), heldUnder: both('Act 3'), fields: [field('illness')] }],
    },
    {
      kind: 'THIRD_PARTY',
      heading: both('About others'),
      explanation: both('others'),
      legalBasis: both('basis'),
      datasets: [{ id: 'd.four', name: both('Four'), description: null, necessity: 'OPTIONAL', why: both('why four'), heldUnder: both('Act 4'), fields: [field('spouse', { openable: false })] }],
    },
  ],
  stepUps: [certificate],
  refusing: both('Refusing has no adverse effect.'),
  notices: [{ article: '8(1)(1)', title: both('Who collects'), text: both('The agency') }],
}; // prettier-ignore
