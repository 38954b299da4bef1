/** Who may read an error's message: a citizen (a page), a developer (an API answer), an operator (the log or a start-up refusal). */
type Audience = 'citizen' | 'developer' | 'operator';

interface ErrorRow {
  /** HTTP status where the error ends a request; 200 for a refusal inside a GraphQL answer. */
  readonly status: number;
  readonly audience: Audience;
  readonly en: string;
  readonly zh: string;
}

const row = (status: number, audience: Audience, en: string, zh: string): ErrorRow => ({ status, audience, en, zh });

/**
 * The one table of codes. A code is stable: clients switch on it, people read the sentence.
 * Refusal reasons of docs/contract.md §2 come first; the rest in the order of a request's life.
 */
export const ERRORS = {
  // Refused fields: `code` is this key, `reason` its short form (REASON_OF_CODE in gateway/domain).
  CONSENT_MISSING: row(200, 'developer', 'The citizen has not consented to these fields.', '當事人未同意提供這些欄位。'),
  CONSENT_WITHDRAWN: row(200, 'developer', 'The citizen has withdrawn this consent.', '當事人已撤回同意。'),
  CONSENT_EXPIRED: row(200, 'developer', 'This consent has ended.', '同意的期間已結束。'),
  CONSENT_USED_UP: row(200, 'developer', 'This consent has been used as often as it allows.', '同意的使用次數已用完。'),
  CONSENT_SUSPENDED: row(200, 'developer', 'This consent, its service or its subject is suspended.', '同意、服務或當事人目前停用中。'),
  ASSURANCE_TOO_LOW: row(200, 'developer', 'These fields need a stronger proof of identity.', '這些欄位需要更高強度的身分驗證。'),
  SOURCE_UNAVAILABLE: row(
    200,
    'developer',
    'The agency did not answer; its fields are missing from this answer.',
    '資料提供機關未回應，本次回覆不含其欄位。',
  ),

  // The token and its proof.
  TOKEN_MISSING: row(401, 'developer', 'No access token. Send "Authorization: DPoP <token>" with a DPoP proof.', '缺少存取權杖。'),
  TOKEN_INVALID: row(401, 'developer', 'The access token is malformed or was not issued by this hub.', '存取權杖無效。'),
  TOKEN_EXPIRED: row(401, 'developer', 'The access token has expired. Refresh it.', '存取權杖已過期。'),
  TOKEN_AUDIENCE: row(401, 'developer', 'The access token was issued for another resource.', '存取權杖的對象不是本服務。'),
  PROOF_INVALID: row(
    401,
    'developer',
    'The DPoP proof is missing, malformed, or does not match the token or this request.',
    'DPoP 證明無效。',
  ),
  PROOF_REPLAYED: row(401, 'developer', 'This DPoP proof was used before. Make a new one for each request.', 'DPoP 證明已使用過。'),

  // The operation.
  REQUEST_MALFORMED: row(400, 'developer', 'The request is not a GraphQL request.', '請求格式不正確。'),
  OPERATION_TOO_LARGE: row(400, 'developer', 'The operation is over a limit.', '查詢超過限制。'),
  OPERATION_INVALID: row(400, 'developer', 'The operation does not fit the schema.', '查詢與結構描述不符。'),
  INTROSPECTION_OFF: row(
    400,
    'developer',
    'Introspection is switched off here. The schema is published at /schema.graphql.',
    '此處不開放內省查詢。',
  ),
  REFUSED: row(
    403,
    'developer',
    'At least one field is refused, and the request asked for all or nothing.',
    '至少一個欄位被拒絕，且請求要求全有或全無。',
  ),
  FORBIDDEN: row(200, 'developer', 'This caller may not do that.', '無權執行此動作。'),
  TOO_MANY_REQUESTS: row(429, 'developer', 'Too many requests. Wait and try again.', '請求過於頻繁，請稍後再試。'),
  PLAN_OUTSIDE_CONSENT: row(
    500,
    'operator',
    'A planned fetch reaches beyond the permitted fields; nothing was fetched.',
    '查詢計畫超出許可欄位，未取用任何資料。',
  ),
  AUDIT_UNAVAILABLE: row(
    503,
    'developer',
    'The disclosure could not be recorded, so nothing was released.',
    '無法留存紀錄，因此未提供任何資料。',
  ),
  UNAVAILABLE: row(503, 'developer', 'The hub cannot answer just now. Try again.', '系統暫時無法回應，請稍後再試。'),

  // A consent's life.
  SERVICE_UNKNOWN: row(400, 'developer', 'No registered service has this id.', '查無此服務。'),
  SERVICE_SUSPENDED: row(400, 'developer', 'This service is suspended.', '此服務已停用。'),
  DATASET_UNKNOWN: row(400, 'developer', 'No dataset has this id.', '查無此資料集。'),
  FIELD_UNKNOWN: row(400, 'developer', 'The dataset has no such field.', '資料集無此欄位。'),
  REQUEST_EXCEEDS_SERVICE: row(
    400,
    'developer',
    'The request asks for more than the service is registered for.',
    '請求超出服務登記的範圍。',
  ),
  CONSENT_UNKNOWN: row(404, 'citizen', 'There is no such consent.', '查無此同意。'),
  CONSENT_STATE: row(
    409,
    'citizen',
    'This consent has changed in the meantime. Reload and look again.',
    '此同意的狀態已變更，請重新載入。',
  ),
  CONSENT_WIDENS: row(
    400,
    'citizen',
    'A consent can be narrowed, never widened. Ask for a new one.',
    '同意只能縮小，不能擴大；請重新申請。',
  ),
  CONSENT_INCOMPLETE: row(400, 'citizen', 'The fields the service needs were not all agreed to.', '服務必要的欄位未全部同意。'),

  // Identity.
  METHOD_UNKNOWN: row(400, 'citizen', 'There is no such way to prove identity here.', '沒有這種身分驗證方式。'),
  IDENTITY_NOT_PROVED: row(400, 'citizen', 'We could not confirm your identity with what was entered.', '輸入的資料無法確認您的身分。'),
  IDENTITY_LOCKED: row(429, 'citizen', 'Too many attempts. Wait a while and try again.', '嘗試次數過多，請稍後再試。'),
  CARD_REJECTED: row(400, 'citizen', 'The certificate is not valid here.', '憑證無法使用。'),
  SESSION_EXPIRED: row(
    400,
    'citizen',
    'This page is too old. Go back to the service and start again; nothing was changed.',
    '此頁面已逾時，請回到原服務重新開始；未變更任何資料。',
  ),
  FORM_INVALID: row(
    400,
    'citizen',
    'The form could not be read. Go back and try again; nothing was changed.',
    '表單無法讀取，請返回重試；未變更任何資料。',
  ),
  NOT_FOUND: row(404, 'citizen', 'There is no such page.', '查無此頁。'),

  // The warrant, in the order of the agency's checks (docs/contract.md §4).
  WARRANT_MISSING: row(401, 'developer', 'No warrant. An agency answers only the gateway.', '缺少取用令。'),
  WARRANT_TOO_LARGE: row(401, 'developer', 'The warrant is over 8 KiB.', '取用令過大。'),
  WARRANT_HEADER: row(401, 'developer', 'The warrant has a header other than the agreed one.', '取用令標頭不符。'),
  WARRANT_KEY: row(401, 'developer', 'The warrant names a key that is not pinned here.', '取用令金鑰不符。'),
  WARRANT_SEAL: row(401, 'developer', 'The warrant does not open.', '取用令無法開啟。'),
  WARRANT_CLAIMS: row(401, 'developer', 'The warrant opens, but its claims do not have the agreed form.', '取用令內容格式不符。'),
  WARRANT_AUDIENCE: row(401, 'developer', 'The warrant is for another agency.', '取用令對象不符。'),
  WARRANT_CLOCK: row(401, 'developer', 'The warrant is not valid at this time. Compare the clocks.', '取用令時間不符。'),
  WARRANT_REPLAYED: row(401, 'developer', 'The warrant was used before.', '取用令已使用過。'),
  WARRANT_OPERATION: row(403, 'developer', 'The warrant is for another operation.', '取用令與查詢不符。'),
  WARRANT_ARGUMENTS: row(403, 'developer', 'The warrant is for other variables.', '取用令與變數不符。'),
  WARRANT_SUBJECT: row(
    403,
    'developer',
    'The warrant is for another data subject, or the query asks for something else than entities.',
    '取用令與當事人不符。',
  ),
  WARRANT_FIELDS: row(403, 'developer', 'The query asks for fields that the warrant does not name.', '查詢欄位超出取用令。'),
  CHECK_UNKNOWN: row(400, 'developer', 'This agency answers no such check.', '無此查核項目。'),

  // Start-up and operation.
  CONTRACT_BROKEN: row(500, 'operator', 'The schema breaks the contract.', '結構描述違反契約。'),
  CONTRACT_HOLE: row(500, 'operator', 'A field of the supergraph belongs to no dataset.', '超圖中有欄位不屬於任何資料集。'),
  STORE_LOCKED: row(500, 'operator', 'The store is in use by another process.', '資料庫使用中。'),
  STORE_CORRUPT: row(500, 'operator', 'A store file is damaged.', '資料庫檔案毀損。'),
  STORE_UNWRITABLE: row(500, 'operator', 'The data folder cannot be written.', '資料夾無法寫入。'),
  STORE_UNREACHABLE: row(500, 'operator', 'The database server cannot be reached.', '無法連線資料庫伺服器。'),
  STORE_UNSUPPORTED: row(500, 'operator', 'The embedded store does not support this.', '內嵌資料庫不支援此操作。'),
  PORT_IN_USE: row(500, 'operator', 'The port is in use.', '連接埠使用中。'),
  CONFIGURATION: row(500, 'operator', 'The configuration is not complete or not allowed.', '設定不完整或不允許。'),
  INTERNAL: row(500, 'developer', 'Something went wrong on our side. The request id names it in our log.', '系統發生錯誤。'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * The one error class. `detail` says what and where for a developer or operator; it never holds a personal value, a token or a national ID.
 * Status, audience and sentence come from {@link ERRORS}.
 */
export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, detail?: string, options?: { cause?: unknown }) {
    super(detail === undefined ? ERRORS[code].en : `${ERRORS[code].en} ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  /** The sentence for a person, in their language. */
  sentence(language: 'zh-TW' | 'en'): string {
    return language === 'en' ? ERRORS[this.code].en : ERRORS[this.code].zh;
  }
}
