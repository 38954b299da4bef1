import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { ApolloProvider } from '@apollo/client/react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { startLanguage } from './language.ts';

const client = new ApolloClient({ link: new HttpLink({ uri: '/me/graphql' }), cache: new InMemoryCache() });

await startLanguage();
const root = document.getElementById('app');
if (root) {
  createRoot(root).render(
    <ApolloProvider client={client}>
      <App />
    </ApolloProvider>,
  );
}
