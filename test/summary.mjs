import { appendFileSync } from 'node:fs';

/** Jest reporter: the closing line CI reads, and what could not run on this machine, said loudly. */
export default class Summary {
  onRunComplete(_contexts, results) {
    if (process.env.TEST_SUMMARY) appendFileSync(process.env.TEST_SUMMARY, `${results.numPassedTests}\n`);
    if (results.numPendingTests > 0)
      console.log(
        `\n!!! ${results.numPendingTests} TESTS DID NOT RUN on this machine (an outside tool or MONGODB_URI is missing; see the lines "DID NOT RUN" above) !!!`,
      );
    console.log(`\n${results.numPassedTests} passed, ${results.numFailedTests} failed, ${results.numPendingTests} skipped`);
  }
}
