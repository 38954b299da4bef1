import type { WarrantCounts } from './agencyProcess.ts';
import type { Bench, Gateway } from './bench.ts';
import type { AuditCounts } from './gatewayWiring.ts';
import { WITHDRAWING } from './people.ts';

// What must hold for the figures to mean anything. One miss fails the run.

/** A consent withdrawn in the middle of a load: every request sent after the acknowledgement is refused. Says what was seen. */
export async function proveWithdrawal(bench: Bench, gateway: Gateway): Promise<string> {
  const number = WITHDRAWING.from;
  const running = bench.run(gateway, { credentials: 'dpop', load: 'withdrawing', withdraws: number, seconds: 1.5, concurrency: 8 });
  // Where the load fails, that is what went wrong.
  const withdrawn = sleep(700)
    .then(() => gateway.process.ask('withdraw', { number }))
    .then(() => bench.load.ask('withdrawn', { number }));
  const [{ disclosures, refusals }] = await Promise.all([running, withdrawn]);
  await bench.load.ask('anew');
  if (refusals === 0) throw new Error(`${gateway.name}: no request came after the withdrawal.`);
  return `${gateway.name}: a consent withdrawn in mid-run: ${disclosures} answers with data before or of others, ${refusals} refused, none late`;
}

/** Closes the guarded gateways and compares what they disclosed with what their logs and the agencies say. */
export async function countUp(bench: Bench, gateways: readonly Gateway[]): Promise<readonly string[]> {
  let sealed = 0;
  const sums = { disclosures: 0, calls: 0, commits: 0 };
  for (const { name, process, sums: answered } of gateways) {
    const calls = await process.ask<number>('calls');
    const audit = await process.ask<AuditCounts | null>('close');
    if (!name.startsWith('inProcess')) sealed += calls;
    if (audit === null) continue;
    expectEqual(`${name}: disclosures recorded before they were made (intents), as many as answers`, audit.intents, answered.disclosures);
    expectEqual(`${name}: outcomes recorded`, audit.outcomes, audit.intents);
    expectEqual(`${name}: warrants named in the intents, as many as agency calls`, audit.warrants, calls);
    sums.disclosures += audit.intents;
    sums.calls += calls;
    sums.commits += audit.commits;
  }
  const warrants = await bench.agencies.ask<WarrantCounts>('warrants');
  expectEqual('warrants opened by the agencies, as many as calls over HTTP and WebSocket', warrants.opened, sealed);
  expectEqual('warrants refused', warrants.refused, 0);
  return [
    `${sums.disclosures} disclosures under consent, each recorded before it was made (intents = answers = outcomes)`,
    `${sums.calls} agency calls, each under a warrant that its intent names; ${warrants.opened} warrants opened by agencies outside the process, none refused`,
    `${sums.commits} durable writes of the audit logs, shared by intents and outcomes`,
  ];
}

function expectEqual(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: ${found}, not ${expected}.`);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
