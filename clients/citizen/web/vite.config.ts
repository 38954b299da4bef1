import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Built by build.mjs into dist/clients/citizen/web; served below /me by ../backend.ts.
export default defineConfig({
  root: import.meta.dirname,
  base: '/me/',
  plugins: [react()],
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2022' },
});
