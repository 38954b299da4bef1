// The arrows of docs/style.md: who may import whom. Tests may import anything.
const test = '\\.test\\.ts$';
const from = (path, more = {}) => ({ path, pathNot: [test], ...more });
module.exports = {
  forbidden: [
    { name: 'schema-imports-nothing', severity: 'error', from: from('^schema/'), to: { path: '^(store|gateway|subgraphs|clients|test)/' } },
    {
      name: 'store-imports-only-errors',
      severity: 'error',
      from: from('^store/'),
      to: { path: '^(schema|gateway|subgraphs|clients|test)/', pathNot: '^schema/errors\\.ts$' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: from('^gateway/domain/'),
      to: { path: '^(store|gateway|subgraphs|clients|test)/', pathNot: '^gateway/domain/' },
    },
    {
      name: 'pages-are-pure',
      severity: 'error',
      from: from('^gateway/pages/'),
      to: { path: '^(store|gateway|subgraphs|clients|test)/', pathNot: '^gateway/(domain|pages)/' },
    },
    {
      name: 'no-room-imports-another',
      severity: 'error',
      from: from('^gateway/([^/]+)/', { pathNot: [test, '^gateway/(domain|pages)/'] }),
      to: { path: '^gateway/[^/]+/', pathNot: '^gateway/($1|domain|pages)/' },
    },
    {
      name: 'rooms-do-not-import-agencies-or-clients',
      severity: 'error',
      from: from('^gateway/[^/]+/'),
      to: { path: '^(subgraphs|clients|test)/' },
    },
    {
      name: 'kit-imports-schema-and-store',
      severity: 'error',
      from: from('^subgraphs/_kit/'),
      to: { path: '^(gateway|clients|test)/|^subgraphs/[^_]' },
    },
    {
      name: 'a-dataset-imports-the-kit-and-itself',
      severity: 'error',
      from: from('^subgraphs/([^/_]+)/([^/]+)/'),
      to: { path: '^(schema|store|gateway|clients|test|subgraphs)/', pathNot: '^subgraphs/(_kit|$1/$2)/' },
    },
    { name: 'clients-speak-http', severity: 'error', from: from('^clients/'), to: { path: '^(schema|store|gateway|subgraphs|test)/' } },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: from('^(schema|store|gateway|subgraphs|clients)/'),
      to: { path: '^test/|\\.test\\.ts$' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|data|generated)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'] },
  },
};
