import { useMutation, useQuery } from '@apollo/client/react';
import { useState } from 'react';
import type { ConsentCardFragment } from './generated/operations.ts';
import { CONSENTS, NARROW, WITHDRAW } from './operations.ts';
import { Problem } from './Problem.tsx';
import { Datasets, useText } from './text.tsx';

/** My consents: whom the citizen allowed what, and withdrawing it. */
export function Consents() {
  const { say } = useText();
  const { data, loading, error, refetch, fetchMore } = useQuery(CONSENTS, { fetchPolicy: 'cache-and-network' });
  const page = data?.consents;
  return (
    <>
      <h1>{say('consents')}</h1>
      <p className="lead">{say('consentsLead')}</p>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {loading && !page && <p role="status">{say('loading')}</p>}
      {page?.consents.length === 0 && <p className="empty">{say('noConsents')}</p>}
      {page?.consents.map((consent) => (
        <Card key={consent.id} consent={consent} />
      ))}
      {page?.endCursor && (
        <button className="plain" onClick={() => void fetchMore({ variables: { after: page.endCursor }, updateQuery: append })}>
          {say('more')}
        </button>
      )}
    </>
  );
}

type Page = { consents?: { consents: ConsentCardFragment[]; endCursor?: string | null } | null };

function append<P extends Page>(before: P, { fetchMoreResult: next }: { fetchMoreResult: P }): P {
  if (!before.consents || !next.consents) return before;
  return { ...next, consents: { ...next.consents, consents: [...before.consents.consents, ...next.consents.consents] } };
}

function Card({ consent }: { readonly consent: ConsentCardFragment }) {
  const { say, name, time, english } = useText();
  const heading = `consent-${consent.id}`;
  return (
    <article className="card" aria-labelledby={heading} data-consent={consent.id}>
      <div className="top">
        <h2 id={heading}>{name(consent.service.name)}</h2>
        <span className={`state ${consent.state}`}>{say(`state.${consent.state}`)}</span>
      </div>
      <dl className="facts">
        <dt>{say('asks')}</dt>
        <dd>{name(consent.provider.name)}</dd>
        <dt>{say('purpose')}</dt>
        <dd>{name(consent.purpose.text)}</dd>
        {consent.grantedAt && (
          <>
            <dt>{say('given')}</dt>
            <dd>{time(consent.grantedAt)}</dd>
            <dt>{say('until')}</dt>
            <dd>{time(consent.notAfter)}</dd>
          </>
        )}
        {typeof consent.uses === 'number' && (
          <>
            <dt>{say('used')}</dt>
            <dd>
              {consent.uses}
              {typeof consent.maxUses === 'number' && ` / ${consent.maxUses}`}
            </dd>
          </>
        )}
        {consent.statements.length > 0 && (
          <>
            <dt>{say('fields')}</dt>
            <dd>
              {consent.statements.map((statement, index) => (
                <Datasets key={index} datasets={statement.datasets} />
              ))}
            </dd>
          </>
        )}
      </dl>
      <div className="actions">
        {consent.state === 'ACTIVE' && <Withdraw consent={consent} />}
        {consent.receipt && (
          <a href={`data:application/jwt;charset=utf-8,${consent.receipt}`} download={`receipt-${consent.id}.jwt`}>
            {say('receipt')}
          </a>
        )}
      </div>
      {consent.state === 'ACTIVE' && fieldsOf(consent) > 1 && (
        <details>
          <summary>{english ? 'Narrow this consent' : '縮小這項同意'}</summary>
          <Narrow consent={consent} />
        </details>
      )}
    </article>
  );
}

/** How many fields a consent names. With one left there is nothing to narrow: withdrawing is what is meant. */
function fieldsOf({ statements }: ConsentCardFragment): number {
  return statements.flatMap(({ datasets }) => datasets.flatMap(({ fields }) => fields)).length;
}

/** Two presses, the second red: withdrawing is as easy as agreeing was, and not done by accident. */
function Withdraw({ consent }: { readonly consent: ConsentCardFragment }) {
  const { say } = useText();
  const [asked, setAsked] = useState(false);
  const [withdraw, { loading, error }] = useMutation(WITHDRAW, { variables: { id: consent.id } });
  if (!asked) {
    return (
      <button className="danger" onClick={() => setAsked(true)}>
        {say('withdraw')}
      </button>
    );
  }
  return (
    <div role="group" aria-label={say('withdraw')}>
      <p>{say('withdrawAsk')}</p>
      <div className="actions">
        <button className="danger sure" disabled={loading} onClick={() => void withdraw().catch(() => undefined)} autoFocus>
          {say('withdrawSure')}
        </button>
        <button className="plain" disabled={loading} onClick={() => setAsked(false)}>
          {say('keep')}
        </button>
      </div>
      {error && <Problem error={error} />}
    </div>
  );
}

/** Drops one dataset's fields, or one field; what is left stays in force. */
function Narrow({ consent }: { readonly consent: ConsentCardFragment }) {
  const { say, name } = useText();
  const [narrow, { loading, error }] = useMutation(NARROW);
  const datasets = consent.statements.flatMap((statement) => statement.datasets);
  return (
    <ul className="fields">
      {datasets.flatMap((dataset) =>
        dataset.fields.map((field) => (
          <li key={`${dataset.id}:${field.path}`}>
            {name(dataset.name)}: {name(field.label)}{' '}
            <button
              className="danger"
              disabled={loading}
              onClick={() =>
                void narrow({ variables: { id: consent.id, drop: [{ dataset: dataset.id, fields: [field.path] }] } }).catch(() => undefined)
              }
              aria-label={`${say('dropField')}: ${name(field.label)}`}
            >
              {say('dropField')}
            </button>
          </li>
        )),
      )}
      {error && <Problem error={error} />}
    </ul>
  );
}
