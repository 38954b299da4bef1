import { useText } from './text.tsx';

/** A sentence that helps, and a way to go on. */
export function Problem({ retry }: { readonly retry?: () => void }) {
  const { say } = useText();
  return (
    <div className="note problem" role="alert">
      <p>{say('problem')}</p>
      {retry && (
        <button className="plain" onClick={retry}>
          {say('reload')}
        </button>
      )}
    </div>
  );
}
