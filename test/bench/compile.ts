import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transform, type Options } from '@swc/core';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Copies the built product (`dist/`) into `folder` and compiles the bench beside it, so that plain Node runs what is measured (under tsx every
 * inner function that is made costs a call more), and a build made meanwhile changes nothing. Gives back where the bench's scripts are.
 */
export async function compileBench(folder: string): Promise<string> {
  const code = join(folder, 'code');
  const target = join(code, 'test/bench');
  cpSync(join(ROOT, 'dist'), code, { recursive: true });
  mkdirSync(target, { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const options = JSON.parse(readFileSync(join(ROOT, '.swcrc'), 'utf8')) as Options;
  const files = readdirSync(import.meta.dirname).filter((name) => /(?<!\.test)\.ts$/.test(name));
  await Promise.all(
    files.map(async (name) => {
      const filename = join(import.meta.dirname, name);
      const compiled = await transform(readFileSync(filename, 'utf8'), { ...options, filename, swcrc: false });
      writeFileSync(join(target, name.replace(/\.ts$/, '.js')), compiled.code);
    }),
  );
  return target;
}
