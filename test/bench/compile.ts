import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transform, type Options } from '@swc/core';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Compiles the bench's own files beside the built product (`dist/test/bench`), so that plain Node runs what is measured: under tsx every inner
 * function that is made costs a call more. Gives back the folder.
 */
export async function compileBench(): Promise<string> {
  const target = join(ROOT, 'dist/test/bench');
  const options = JSON.parse(readFileSync(join(ROOT, '.swcrc'), 'utf8')) as Options;
  mkdirSync(target, { recursive: true });
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts'));
  await Promise.all(
    files.map(async (name) => {
      const filename = join(import.meta.dirname, name);
      const { code } = await transform(readFileSync(filename, 'utf8'), { ...options, filename, swcrc: false });
      writeFileSync(join(target, name.replace(/\.ts$/, '.js')), code);
    }),
  );
  return target;
}
