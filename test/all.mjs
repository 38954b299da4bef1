// npm test: types, lint, arrows, dead code, a fresh supergraph, then jest. Each step says what it is; the first failure ends it with the step's name.
import { spawnSync } from 'node:child_process';

const steps = [
  ['generated types', 'codegen'],
  ['types', 'test:types'],
  ['lint and format', 'test:lint'],
  ['arrows between rooms', 'test:arrows'],
  ['dead code', 'test:dead'],
  ['supergraph is fresh', 'test:fresh'],
  ['jest', 'test:jest'],
];
for (const [name, script] of steps) {
  const began = Date.now();
  process.stdout.write(`\n── ${name} (npm run ${script})\n`);
  const { status } = spawnSync('npm', ['run', '--silent', script], { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`\nnpm test stopped at "${name}". Run it alone: npm run ${script}`);
    process.exit(status ?? 1);
  }
  console.log(`   ${name}: good, ${((Date.now() - began) / 1000).toFixed(1)} s`);
}
