// Jest as native ESM: jose, oidc-provider and openid-client are ESM only (docs/facts.md, "Toolchain").
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
        swcrc: false,
      },
    ],
  },
  testMatch: ['<rootDir>/{schema,store,gateway,subgraphs,clients,test}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/data'],
  testTimeout: 30000,
  // Here and not on the command line: there, `--reporters` takes the paths after it for more reporters.
  reporters: ['default', '<rootDir>/test/summary.mjs'],
};
