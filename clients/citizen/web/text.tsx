import { useTranslation } from 'react-i18next';
import type { Sentence } from './language.ts';
import type { WordGroup } from './words.ts';

interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

/** Sentences, names and times in the language of the page. Times are shown in Taiwan's time zone. */
export function useText() {
  const { t, i18n } = useTranslation();
  const english = i18n.language === 'en';
  const format = new Intl.DateTimeFormat(english ? 'en-GB' : 'zh-TW', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Taipei' });
  return {
    english,
    say: (sentence: Sentence): string => t(sentence),
    /** A code of the hub's in words; itself where there are none for it. */
    word: (group: WordGroup, code: string): string => t(`${group}.${code}`, { defaultValue: code }),
    name: (both: Bilingual): string => (english ? both.en : both.zh),
    time: (iso: string): string => format.format(new Date(iso)),
  };
}

interface FieldsOfDataset {
  readonly id: string;
  readonly name: Bilingual;
  readonly fields: readonly { readonly path: string; readonly label: Bilingual }[];
}

/** One line for each dataset: its name and the labels of its fields. */
export function Datasets({
  datasets,
  note,
}: {
  readonly datasets: readonly FieldsOfDataset[];
  readonly note?: (dataset: FieldsOfDataset) => string;
}) {
  const { name, english } = useText();
  return (
    <ul className="fields">
      {datasets.map((dataset) => (
        <li key={dataset.id} data-dataset={dataset.id}>
          <strong>{name(dataset.name)}</strong>
          {english ? ': ' : ':'}
          {dataset.fields.map(({ label }) => name(label)).join(english ? ', ' : '、')}
          {note && ` (${note(dataset)})`}
        </li>
      ))}
    </ul>
  );
}
