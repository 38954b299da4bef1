import type { Bilingual } from '../../schema/bilingual.ts';
import { HubError, type ErrorCode } from '../../schema/errors.ts';

/** Where the page before the citizen says more than the error table: she is still in the middle of it, and nothing is lost. */
const HERE: Partial<Record<ErrorCode, Bilingual>> = {
  SESSION_EXPIRED: {
    'zh-TW': '這份表單超過五分鐘，已換成新的一份，請重新填寫。',
    en: 'That form was older than five minutes. Here is a new one; please fill it in again.',
  },
  CONSENT_INCOMPLETE: {
    'zh-TW': '有需要另行確認的欄位，您勾選了欄位但尚未勾選下方的確認。請勾選確認，或取消這些欄位。您的選擇都還在。',
    en: 'You ticked fields that need a confirmation of their own, without ticking it. Tick it, or untick the fields. Your choices are kept.',
  },
  CONSENT_STATE: {
    'zh-TW': '這個畫面已更新，請再看一次後作答。未提供任何資料。',
    en: 'This screen has changed. Please look at it again before you answer. No data was given.',
  },
};

const AGAIN: Bilingual = {
  'zh-TW': '那份表單已經送出過，或屬於較早的頁面。以下是目前的步驟，沒有遺失任何內容。',
  en: 'That form was sent before, or belongs to an earlier page. This is where you are now; nothing is lost.',
};

/** The service named a person (`id_token_hint`, a claimed `sub`), and another one logged in. */
const OTHER_PERSON: Bilingual = {
  'zh-TW': '此服務要求的是另一個人的身分。請以該身分驗證，或取消並回到原服務。',
  en: 'The service expects another person than the one who has just proved identity. Prove to be that person, or cancel and go back to the service.',
};

/** What is said to a person whom the service does not expect; null: nothing to say. */
export function otherPersonText(
  { name, reasons }: { readonly name: string; readonly reasons: readonly string[] },
  hasLoggedIn: boolean,
  language: keyof Bilingual,
): string | null {
  const expected = reasons.includes('id_token_hint') || reasons.includes('claims_id_token_sub_value');
  return name === 'login' && hasLoggedIn && expected ? OTHER_PERSON[language] : null;
}

/** What a page says of the last form. `again`: it was sent before. */
export function noticeText(code: ErrorCode | null, again: boolean, language: keyof Bilingual): string | null {
  if (code !== null) return HERE[code]?.[language] ?? new HubError(code).sentence(language);
  return again ? AGAIN[language] : null;
}
