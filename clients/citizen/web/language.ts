import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { WORDS } from './words.ts';

export type Language = 'zh-TW' | 'en';

/** Every sentence of the client, in both languages: one table, so that a missing one is a type error. */
const SENTENCES = {
  brand: ['MyData 個人資料', 'MyData'],
  consents: ['我的同意', 'My consents'],
  log: ['誰看了我的資料', 'Who saw what'],
  signIn: ['登入', 'Sign in'],
  signOut: ['登出', 'Sign out'],
  other: ['English', '中文'],
  skip: ['跳到主要內容', 'Skip to content'],
  welcome: ['您的資料，由您決定', 'Your data, your decision'],
  welcomeLead: [
    '登入後，您可以看到您同意了誰、為了什麼、讀取哪些欄位，隨時撤回；也可以看到誰實際讀過。',
    'Sign in to see whom you allowed to read which fields, and why; to withdraw at any time; and to see who really read them.',
  ],
  signInFirst: ['請先登入。', 'Please sign in first.'],
  loginFailed: ['沒有登入成功，請再試一次；未變更任何資料。', 'You are not signed in. Please try again; nothing was changed.'],
  consentsLead: [
    '您給出的每一項同意。撤回立即生效，下一次查詢就讀不到。',
    'Every consent you gave. Withdrawing takes effect at once: the next query gets nothing.',
  ],
  logLead: ['每一次讀取與每一次拒絕，只記欄位名稱，不記內容。', 'Every read and every refusal. Field names are kept, never their content.'],
  noConsents: ['您還沒有給出任何同意。', 'You have not given any consent yet.'],
  noEntries: ['還沒有任何紀錄。', 'Nothing has been recorded yet.'],
  purpose: ['目的', 'Purpose'],
  asks: ['誰', 'Who'],
  service: ['服務', 'Service'],
  fields: ['欄位', 'Fields'],
  until: ['有效至', 'Valid until'],
  given: ['同意時間', 'Given'],
  used: ['已使用次數', 'Times used'],
  withdraw: ['撤回同意', 'Withdraw'],
  withdrawSure: ['確定撤回', 'Yes, withdraw'],
  withdrawAsk: ['撤回後，對方下一次查詢就讀不到任何欄位。確定嗎?', 'After this, their next query gets no field at all. Are you sure?'],
  keep: ['保留', 'Keep it'],
  withdrawn: ['已撤回。', 'Withdrawn.'],
  dropField: ['移除這個欄位', 'Drop this field'],
  receipt: ['收據', 'Receipt'],
  more: ['載入更多', 'Load more'],
  loading: ['載入中…', 'Loading…'],
  problem: ['目前無法取得資料，請稍後再試。', 'We cannot reach the hub just now. Please try again.'],
  sessionOver: [
    '您的登入已逾時，請再登入一次；未變更任何資料。',
    'You were signed in for a while and no longer are. Please sign in again; nothing was changed.',
  ],
  reload: ['重新載入', 'Reload'],
  permitted: ['提供的欄位', 'Fields released'],
  refused: ['拒絕的欄位', 'Fields refused'],
  times: ['次', 'times'],
  failed: ['未回應的機關', 'Agencies that did not answer'],
  'state.ACTIVE': ['有效', 'Active'],
  'state.REQUESTED': ['等待您決定', 'Waiting for you'],
  'state.DECLINED': ['已拒絕', 'Declined'],
  'state.WITHDRAWN': ['已撤回', 'Withdrawn'],
  'state.EXPIRED': ['已到期', 'Ended'],
  'state.USED_UP': ['已用完', 'Used up'],
  'state.SUSPENDED': ['停用中', 'Suspended'],
  'state.SUPERSEDED': ['已由新的取代', 'Replaced'],
  'kind.READ': ['已讀取', 'Read'],
  'kind.REFUSED': ['已拒絕', 'Refused'],
  'kind.CONSENT': ['同意變更', 'Consent'],
  'kind.LOGIN': ['身分驗證', 'Identity'],
  'kind.CHECK': ['資格查核', 'Check'],
} as const;

export type Sentence = keyof typeof SENTENCES;

const table = (index: 0 | 1): Record<string, string> =>
  Object.fromEntries(Object.entries({ ...SENTENCES, ...WORDS }).map(([key, both]) => [key, both[index]]));

/** Language of the page: the citizen's last choice, else the browser's. */
function preferred(): Language {
  const kept = localStorage.getItem('language');
  if (kept === 'en' || kept === 'zh-TW') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-TW' : 'en';
}

export async function startLanguage(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: preferred(),
    fallbackLng: 'zh-TW',
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    resources: { 'zh-TW': { translation: table(0) }, en: { translation: table(1) } },
  });
  document.documentElement.lang = i18next.language === 'en' ? 'en' : 'zh-Hant-TW';
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem('language', language);
  document.documentElement.lang = language === 'en' ? 'en' : 'zh-Hant-TW';
  await i18next.changeLanguage(language);
}
