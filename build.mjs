// Builds once into an ignored dist/ (server by swc, clients by vite), again only when sources changed. Run by `npm start`.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transform } from '@swc/core';

const root = import.meta.dirname;
const rooms = ['schema', 'store', 'gateway', 'subgraphs', 'clients'];
const skip = /\.test\.tsx?$|^clients\/[^/]+\/web\//;

/** Every source file below `folder`, relative to the root. */
function* files(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === 'node_modules' || entry.name === 'generated') continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

const sources = [
  ...rooms.filter((room) => existsSync(join(root, room))).flatMap((room) => [...files(room)]),
  'build.mjs',
  '.swcrc',
  'package-lock.json',
];
const stamp = createHash('sha256');
for (const path of sources) stamp.update(`${path}\0${statSync(join(root, path)).size}\0`).update(readFileSync(join(root, path)));
const digest = stamp.digest('hex');
const mark = join(root, 'dist', '.built');
if (existsSync(mark) && readFileSync(mark, 'utf8') === digest) process.exit(0);

console.log('Building once into dist/ (again only when sources change) …');
const began = Date.now();
rmSync(join(root, 'dist'), { recursive: true, force: true });
const options = JSON.parse(readFileSync(join(root, '.swcrc'), 'utf8'));
const served = sources.filter((path) => path.includes('/') && !skip.test(path));
await Promise.all(
  served.map(async (path) => {
    const target = join(root, 'dist', path.replace(/\.tsx?$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    if (!/\.tsx?$/.test(path) || path.endsWith('.d.ts')) return cpSync(join(root, path), target);
    const { code } = await transform(readFileSync(join(root, path), 'utf8'), { ...options, filename: join(root, path), swcrc: false });
    writeFileSync(target, code);
  }),
);
for (const client of existsSync(join(root, 'clients')) ? readdirSync(join(root, 'clients')) : []) {
  const config = join(root, 'clients', client, 'web', 'vite.config.ts');
  if (!existsSync(config)) continue;
  const { build } = await import('vite');
  await build({ configFile: config, logLevel: 'warn', build: { outDir: join(root, 'dist', 'clients', client, 'web'), emptyOutDir: true } });
}
writeFileSync(mark, digest);
console.log(`Built ${served.length} files in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
