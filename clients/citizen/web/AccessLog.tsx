import { useQuery } from '@apollo/client/react';
import type { AccessLogQuery } from './generated/operations.ts';
import type { Sentence } from './language.ts';
import { ACCESS_LOG } from './operations.ts';
import { Problem } from './Problem.tsx';
import { Datasets, useText } from './text.tsx';

type Entry = NonNullable<AccessLogQuery['accessLog']>['entries'][number];

const KIND = {
  DISCLOSURE: 'kind.READ',
  REFUSAL: 'kind.REFUSED',
  CONSENT: 'kind.CONSENT',
  LOGIN: 'kind.LOGIN',
  CHECK: 'kind.CHECK',
} as const satisfies Record<string, Sentence>;

/** Who saw what, when and why: reads and refusals (folded, with a count), changes of consent, logins, checks. */
export function AccessLog() {
  const { say } = useText();
  const { data, loading, error, refetch, fetchMore } = useQuery(ACCESS_LOG, { fetchPolicy: 'cache-and-network' });
  const page = data?.accessLog;
  return (
    <>
      <h1>{say('log')}</h1>
      <p className="lead">{say('logLead')}</p>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {loading && !page && <p role="status">{say('loading')}</p>}
      {page?.entries.length === 0 && <p className="empty">{say('noEntries')}</p>}
      {page?.entries.map((entry) => (
        <Line key={entry.id} entry={entry} />
      ))}
      {page?.endCursor && (
        <button className="plain" onClick={() => void fetchMore({ variables: { after: page.endCursor }, updateQuery: append })}>
          {say('more')}
        </button>
      )}
    </>
  );
}

function append(before: AccessLogQuery, { fetchMoreResult: next }: { fetchMoreResult: AccessLogQuery }): AccessLogQuery {
  if (!before.accessLog || !next.accessLog) return before;
  return { ...next, accessLog: { ...next.accessLog, entries: [...before.accessLog.entries, ...next.accessLog.entries] } };
}

function Line({ entry }: { readonly entry: Entry }) {
  const { say, name, time, word } = useText();
  const title = entry.service
    ? [entry.provider && name(entry.provider.name), name(entry.service.name)]
    : [
        entry.agency && word('agency', entry.agency),
        entry.method && word('method', entry.method),
        entry.predicate && word('check', entry.predicate),
      ];
  return (
    <article className="card" data-kind={entry.kind} data-count={entry.count}>
      <div className="top">
        <h2>{title.filter(Boolean).join(' · ')}</h2>
        <span className={`state ${entry.kind === 'REFUSAL' ? 'REFUSED' : ''}`}>
          {say(KIND[entry.kind])}
          {entry.event && ` · ${word('event', entry.event)}`}
          {entry.outcome && ` · ${word('outcome', entry.outcome)}`}
          {entry.count > 1 && ` · ${entry.count} ${say('times')}`}
        </span>
      </div>
      <p className="lead">
        <time dateTime={entry.at}>{time(entry.at)}</time>
      </p>
      {entry.permitted.length > 0 && (
        <section data-fields="permitted">
          <strong>{say(entry.kind === 'CONSENT' ? 'fields' : 'permitted')}</strong>
          <Datasets datasets={entry.permitted} />
        </section>
      )}
      {entry.refused.length > 0 && (
        <section data-fields="refused">
          <strong>{say('refused')}</strong>
          {entry.refused.map(({ dataset, reason }) => (
            <Datasets key={dataset.id + reason} datasets={[dataset]} note={() => word('reason', reason)} />
          ))}
        </section>
      )}
      {entry.failedAgencies.length > 0 && (
        <p>
          {say('failed')}: {entry.failedAgencies.map((agency) => word('agency', agency)).join(', ')}
        </p>
      )}
    </article>
  );
}
