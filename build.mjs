// Builds once into an ignored dist/ (server by swc, clients by vite), again only when sources changed. Run by `npm start`.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
const dist = join(root, 'dist');
const isBuilt = () => existsSync(join(dist, '.built')) && readFileSync(join(dist, '.built'), 'utf8') === digest;
if (isBuilt()) process.exit(0);

console.log('Building once into dist/ (again only when sources change) …');
const began = Date.now();
// Aside, then put in place as a whole: two that begin at once (an agency and a hub, two test processes) do not take each other's files away.
const aside = join(root, `dist.${process.pid}`);
process.once('exit', () => rmSync(aside, { recursive: true, force: true }));
const options = JSON.parse(readFileSync(join(root, '.swcrc'), 'utf8'));
const served = sources.filter((path) => path.includes('/') && !skip.test(path));
await Promise.all(
  served.map(async (path) => {
    const target = join(aside, path.replace(/\.tsx?$/, '.js'));
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
  await build({ configFile: config, logLevel: 'warn', build: { outDir: join(aside, 'clients', client, 'web'), emptyOutDir: true } });
}
writeFileSync(join(aside, '.built'), digest);
for (let tries = 0; !isBuilt() && tries < 5; tries++) {
  const before = `${aside}.old`;
  try {
    if (existsSync(dist)) renameSync(dist, before);
    renameSync(aside, dist);
  } catch (error) {
    // Somebody else was there between the two steps: look again.
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  }
  rmSync(before, { recursive: true, force: true });
}
if (!isBuilt()) throw new Error('dist/ could not be put in place.');
console.log(`Built ${served.length} files in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
