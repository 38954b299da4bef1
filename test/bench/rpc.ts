import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process of the bench, as the one that started it sees it. */
export interface BenchProcess {
  readonly pid: number;
  /** Asks it to do something, and waits for the answer. Rejects with what went wrong there. */
  ask<Answer>(command: string, input?: unknown): Promise<Answer>;
  /** Lets it end, and waits. */
  end(): Promise<void>;
}

interface Asked {
  readonly id: number;
  readonly command: string;
  readonly input: unknown;
}

interface Answered {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** Starts a compiled script, on the given cores (`0`, `1-3`) where that can be had. It ends when this process does. */
export function startProcess(script: string, cores: string | null): BenchProcess {
  const command = cores === null ? [process.execPath, script] : ['taskset', '-c', cores, process.execPath, script];
  const [file = '', ...args] = command;
  const env = { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', APOLLO_TELEMETRY_DISABLED: '1' };
  const child = spawn(file, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, { readonly resolve: (answer: never) => void; readonly reject: (error: Error) => void }>();
  let last = 0;
  child.on('message', (message: Answered) => {
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error !== undefined) asked?.reject(new Error(message.error));
    else asked?.resolve(message.answer as never);
  });
  const fail = (error: Error): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  child.on('error', fail);
  child.on('exit', (code, signal) => fail(new Error(`${script} ended: ${signal ?? code}.`)));
  return {
    pid: child.pid ?? 0,
    ask: (name, input = null) =>
      new Promise((resolve, reject) => {
        if (!child.connected) return reject(new Error(`${script} has ended.`));
        last += 1;
        waiting.set(last, { resolve, reject });
        child.send({ id: last, command: name, input } satisfies Asked);
      }),
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

/** The other side: answers each command by its function; ends when the process that started it is gone. */
export function answerCommands(commands: Readonly<Record<string, (input: never) => unknown>>): void {
  async function reply({ id, command, input }: Asked): Promise<Answered> {
    try {
      const run = commands[command];
      if (run === undefined) throw new Error(`No command ${command}.`);
      return { id, answer: await run(input as never) };
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  }
  process.on('message', (asked: Asked) => {
    void reply(asked).then((answered) => {
      if (process.connected) process.send?.(answered);
    });
  });
  process.on('disconnect', () => process.exit(0));
  // It was gone before anybody listened.
  if (!process.connected) process.exit(0);
}
