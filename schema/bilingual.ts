/** A text in the two languages of the hub. */
export interface Bilingual {
  readonly 'zh-TW': string;
  readonly en: string;
}

/** Reads `中文 | English` (docs/contract.md §1); null when either half is missing. The first ` | ` divides. */
export function bilingual(text: string | null | undefined): Bilingual | null {
  const [chinese, ...english] = (text ?? '').split(' | ');
  const zh = chinese?.trim() ?? '';
  const en = english.join(' | ').trim();
  return zh === '' || en === '' ? null : { 'zh-TW': zh, en };
}
