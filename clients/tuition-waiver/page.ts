import type { Answer } from '../sdk/relyingParty.ts';
import { decideWaiver, strongerProof, type Decision, type TuitionWaiverData } from './application.ts';

const escape = (value: unknown): string => String(value).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const STYLE = `body{font:17px/1.6 system-ui,'Noto Sans CJK TC','Noto Sans TC',sans-serif;margin:0;color:#1b1b1b;background:#f6f4ef}
header{background:#7a3b12;color:#fff;padding:1rem}main{max-width:44rem;margin:0 auto;padding:1rem}
button{font:inherit;padding:.7rem 1.4rem;border:0;border-radius:.4rem;background:#7a3b12;color:#fff;cursor:pointer}
form+form{margin-top:.7rem}
button:focus-visible{outline:3px solid #000;outline-offset:2px}
table{border-collapse:collapse;width:100%;background:#fff}th,td{text-align:left;padding:.5rem .7rem;border-bottom:1px solid #d8d2c4}
.note{background:#fff;border-left:.3rem solid #7a3b12;padding:.6rem 1rem;margin:1rem 0}`;

const SENTENCE: Readonly<Record<Decision, string>> = {
  GRANTED: '資格確認：已核予學雜費減免。 | Confirmed: tuition and fees are waived.',
  NO_CERTIFICATE:
    '查無有效的低收入戶或中低收入戶證明，請先向戶籍地公所補證。 | No current certificate was found. Have it corrected at your district office, then come back.',
  NOT_AUTHORIZED: '未取得您的授權，無法線上確認；您仍可改以紙本申請。 | We have no authorization. You can still apply on paper.',
  SOURCE_DOWN: '衛生福利部暫時無法回應，請稍後再試。 | The ministry did not answer. Please try again later.',
};

/** A page of the student-aid system. */
function page(body: string): string {
  return `<!doctype html><html lang="zh-Hant-TW"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>教育部助學系統</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head><body><header><strong>教育部助學系統</strong> 國民及學前教育署 · Student aid system</header><main>${body}</main></body></html>`;
}

export const styleSheet = STYLE;

export function startPage(message = ''): string {
  return page(`<h1>高級中等學校學雜費減免</h1>
${message && `<p class="note" role="status">${escape(message)}</p>`}
<p>資料交換比對不到您的低收入戶或中低收入戶資格，或學期中資格有變動。您可以透過 MyData 授權我們取得證明，不必跑公所。</p>
<p>The exchange check found no eligibility, or it changed in mid-term. You can authorize us to fetch the certificate through MyData.</p>
<form method="post" action="/apply"><button>以 MyData 授權 | Authorize with MyData</button></form>`);
}

const STRONGER = `<form method="post" action="/stronger"><button>以其他方式驗證身分後補齊 | Prove your identity another way for the rest</button></form>`;

/** The form that filled itself, and what was refused. */
export function resultPage(answer: Answer<TuitionWaiverData>): string {
  const { lowIncome, householdPersonal } = answer.data?.me ?? { lowIncome: null, householdPersonal: null };
  const rows: readonly (readonly [string, string, unknown])[] = [
    ['證明文號 | Certificate number', 'certificateNumber', lowIncome?.certificateNumber],
    ['身分類別 | Category', 'category', lowIncome?.category],
    ['有效起日 | Valid from', 'validFrom', lowIncome?.validFrom],
    ['有效迄日 | Valid to', 'validTo', lowIncome?.validTo],
    ['姓名 | Name', 'name', householdPersonal?.name],
    ['統一編號 | National ID', 'nationalId', householdPersonal?.nationalId],
    ['出生日期 | Date of birth', 'birthDate', householdPersonal?.birthDate],
  ];
  const refused = answer.errors.map(
    ({ extensions }) =>
      `<li data-reason="${escape(extensions.reason ?? extensions.code)}">${escape(extensions.dataset ?? '')} ${escape((extensions.fields ?? []).join(', '))}: ${escape(extensions.reason ?? extensions.code)}</li>`,
  );
  return page(`<h1>申請表 | Application</h1><p class="note" role="status" id="decision" data-decision="${decideWaiver(answer)}">${escape(SENTENCE[decideWaiver(answer)])}</p>
<table><tbody>${rows.map(([label, name, value]) => `<tr><th scope="row">${escape(label)}</th><td data-field="${name}">${value === null || value === undefined ? '' : escape(value)}</td></tr>`).join('')}</tbody></table>
${refused.length > 0 ? `<h2>未提供的欄位 | Refused</h2><ul>${refused.join('')}</ul>` : ''}
${strongerProof(answer) === null ? '' : STRONGER}
<form method="post" action="/recheck"><button>重新查詢 | Check again</button></form> <p><a href="/">回首頁 | Back</a></p>`);
}
