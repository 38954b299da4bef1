import { useEffect, useState, type ReactNode } from 'react';
import { AccessLog } from './AccessLog.tsx';
import { Consents } from './Consents.tsx';
import { chooseLanguage } from './language.ts';
import { useText } from './text.tsx';

const here = (): string => location.pathname.replace(/^\/me\/?/, '');

/** The citizen's client: two pages and a door. No token is ever here; the backend holds the session. */
export function App() {
  const { say, english } = useText();
  const [signedIn, setSignedIn] = useState<boolean | null>(null);
  useEffect(() => {
    void fetch('/me/session', { headers: { accept: 'application/json' } })
      .then((response) => response.json() as Promise<{ signedIn: boolean }>)
      .then((session) => setSignedIn(session.signedIn))
      .catch(() => setSignedIn(false));
  }, []);
  const page = here();
  useEffect(() => {
    document.title = `${page === 'log' ? say('log') : page === 'consents' ? say('consents') : say('welcome')} · ${say('brand')}`;
  });
  const link = (to: string, label: string): ReactNode => (
    <a href={`/me/${to}`} {...(page === to && { 'aria-current': 'page' as const })}>
      {label}
    </a>
  );
  return (
    <>
      <a className="skip" href="#main">
        {say('skip')}
      </a>
      <header className="site">
        <div className="bar">
          <a className="brand" href="/me">
            {say('brand')}
          </a>
          <nav aria-label={say('brand')}>
            {link('consents', say('consents'))}
            {link('log', say('log'))}
          </nav>
          <button onClick={() => void chooseLanguage(english ? 'zh-TW' : 'en')} lang={english ? 'zh-Hant-TW' : 'en'}>
            {say('other')}
          </button>
          {signedIn && <button onClick={() => void signOut()}>{say('signOut')}</button>}
        </div>
      </header>
      <main id="main">
        {signedIn === null ? (
          <p role="status">{say('loading')}</p>
        ) : signedIn && page !== '' ? (
          page === 'log' ? (
            <AccessLog />
          ) : (
            <Consents />
          )
        ) : (
          <Door signedIn={signedIn} page={page} />
        )}
      </main>
    </>
  );
}

function Door({ signedIn, page }: { readonly signedIn: boolean; readonly page: string }) {
  const { say } = useText();
  return (
    <>
      <h1>{say('welcome')}</h1>
      {new URLSearchParams(location.search).get('login') === 'failed' && (
        <p className="note problem" role="alert">
          {say('loginFailed')}
        </p>
      )}
      <p className="lead">{page === '' ? say('welcomeLead') : say('signInFirst')}</p>
      {signedIn ? (
        <p className="actions">
          <a className="button" href="/me/consents">
            {say('consents')}
          </a>
          <a className="button" href="/me/log">
            {say('log')}
          </a>
        </p>
      ) : (
        <a className="button" href={`/me/login?to=${page === 'log' ? 'log' : 'consents'}`}>
          {say('signIn')}
        </a>
      )}
    </>
  );
}

/** Ends the session here, then asks about the hub's own, which would let the next person at this browser in without a proof. */
async function signOut(): Promise<void> {
  await fetch('/me/logout', { method: 'POST' });
  location.assign('/oidc/session/end');
}
