import type { BothLanguages, MethodField, MethodStep } from './identityMethod.ts';

/** The fields of the methods' forms (the catalogue's `fields`), and what is said above a form. */
export const NATIONAL_ID: MethodField = {
  name: 'nationalId',
  label: { 'zh-TW': '身分證字號或統一證號', en: 'National ID or UI number' },
  kind: 'text',
  pattern: '[A-Za-z][0-9A-Da-d][0-9]{8}',
  autocomplete: 'off',
  required: true,
  hint: {
    'zh-TW': '一個英文字母與九個數字（舊式統一證號為兩個字母與八個數字）',
    en: 'One letter and nine digits (an old UI number: two letters and eight digits)',
  },
};

const MOBILE = { kind: 'tel', pattern: '09[0-9]{8}', autocomplete: 'tel-national' } as const;

export const MOBILE_NUMBER: MethodField = {
  ...MOBILE,
  name: 'mobileNumber',
  label: { 'zh-TW': '行動電話門號', en: 'Mobile number' },
  required: true,
  hint: { 'zh-TW': '已以自然人憑證綁定的門號', en: 'The number you bound with your citizen certificate' },
};

export const BIND_MOBILE: MethodField = {
  ...MOBILE,
  name: 'bindMobile',
  label: { 'zh-TW': '綁定行動電話門號（選填）', en: 'Bind a mobile number (optional)' },
  required: false,
  hint: {
    'zh-TW': '填寫後，往後可用簡訊一次性密碼登入；留白則不綁定。',
    en: 'If you fill this in, you can later log in with a code sent by SMS. Leave it empty to bind nothing.',
  },
};

export const SIGNATURE: MethodField = {
  name: 'signature',
  label: { 'zh-TW': '憑證簽章', en: 'Signature made with your certificate' },
  kind: 'signature',
  autocomplete: 'off',
  required: true,
  hint: {
    'zh-TW': '選擇您的憑證檔即可簽章；或在終端機執行 npm run card -- sign，並貼上結果。',
    en: 'Choose your card file to sign; or run npm run card -- sign in a terminal and paste its output.',
  },
};

export const NHI_CARD_NUMBER: MethodField = {
  name: 'nhiCardNumber',
  label: { 'zh-TW': '健保卡號', en: 'NHI card number' },
  kind: 'text',
  pattern: '[0-9]{12}',
  autocomplete: 'off',
  required: true,
  hint: { 'zh-TW': '健保卡正面的十二個數字', en: 'The twelve digits on the front of the card' },
};

export const HOUSEHOLD_NUMBER: MethodField = {
  name: 'householdNumber',
  label: { 'zh-TW': '戶號', en: 'Household number' },
  kind: 'text',
  pattern: '[A-Za-z][0-9]{7}',
  autocomplete: 'off',
  required: false,
  oneOf: 'household',
  hint: {
    'zh-TW': '戶口名簿上的一個英文字母與七個數字；與換補證日期擇一填寫',
    en: 'One letter and seven digits, in the household certificate; this or the issue date',
  },
};

export const ID_CARD_ISSUE_DATE: MethodField = {
  name: 'idCardIssueDate',
  label: { 'zh-TW': '身分證換補證日期', en: 'ID card (re)issue date' },
  kind: 'date',
  autocomplete: 'off',
  required: false,
  oneOf: 'household',
  hint: { 'zh-TW': '西元年；與戶號擇一填寫', en: 'This or the household number' },
};

const OTP_CODE = {
  name: 'otpCode',
  label: { 'zh-TW': '簡訊驗證碼', en: 'Code from the message' },
  kind: 'text',
  pattern: '[0-9]{6}',
  autocomplete: 'one-time-code',
} as const;

/** The form for a code; `required` false where an empty one means "go on without". */
export function codeStep(step: string, required: boolean, message: BothLanguages): MethodStep {
  return { step, fields: [{ ...OTP_CODE, required }], message };
}

export const MESSAGES = {
  idTypo: {
    'zh-TW': '身分證字號或統一證號有誤，請檢查後重新輸入。',
    en: 'There is a typing error in the ID number. Check it and enter it again.',
  },
  mobileTypo: {
    'zh-TW': '行動電話門號格式不符（09 開頭共十碼），請重新輸入。',
    en: 'A mobile number has ten digits and begins with 09. Enter it again.',
  },
  nhiTypo: { 'zh-TW': '健保卡號為十二個數字，請重新輸入。', en: 'An NHI card number has twelve digits. Enter it again.' },
  householdMissing: {
    'zh-TW': '請填寫戶號（一個英文字母與七個數字）或換補證日期。',
    en: 'Fill in the household number (one letter and seven digits) or the issue date.',
  },
  codeSentIfBound: {
    'zh-TW': '若此門號已與此身分綁定，驗證碼已寄出，五分鐘內有效。',
    en: 'If this number is bound to this person, a code has been sent to it. It is good for five minutes.',
  },
  codeSent: {
    'zh-TW': '身分已確認。驗證碼已寄至您填寫的門號；輸入後完成綁定，留白則不綁定而繼續。',
    en: 'You are identified. A code has been sent to the number you entered: enter it to bind the number, or leave it empty to go on without.',
  },
  codeNotSent: {
    'zh-TW': '身分已確認，但目前無法寄送驗證碼；請留白繼續，稍後再綁定。',
    en: 'You are identified, but no code can be sent just now. Leave this empty to go on, and bind the number another time.',
  },
  codeWrong: { 'zh-TW': '驗證碼不符，請再輸入一次。', en: 'The code does not fit. Enter it again.' },
  codeWrongOptional: {
    'zh-TW': '驗證碼不符。請再輸入一次，或留白不綁定而繼續。',
    en: 'The code does not fit. Enter it again, or leave it empty to go on without binding.',
  },
} as const satisfies Record<string, BothLanguages>;

/** The text message with a code. Names the hub and no person. */
export function codeText(code: string): string {
  return `[MyData] 驗證碼 ${code}，5 分鐘內有效，請勿告訴他人。Your code is ${code}, good for 5 minutes. Tell it to nobody.`;
}
