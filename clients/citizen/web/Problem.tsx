import { ServerError } from '@apollo/client/errors';
import { useText } from './text.tsx';

/** A sentence that helps, and a way to go on: to sign in again where the session is over. */
export function Problem({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const { say } = useText();
  const signedOut = ServerError.is(error) && error.statusCode === 401;
  return (
    <div className="note problem" role="alert">
      <p>{say(signedOut ? 'sessionOver' : 'problem')}</p>
      {signedOut ? (
        <a className="button" href={`/me/login?to=${location.pathname.endsWith('/log') ? 'log' : 'consents'}`}>
          {say('signIn')}
        </a>
      ) : (
        retry && (
          <button className="plain" onClick={retry}>
            {say('reload')}
          </button>
        )
      )}
    </div>
  );
}
