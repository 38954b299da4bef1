/** A bounded memory that clients share, in which nobody can push out what others use. */
export interface FairCache<V> {
  get(key: string, client: string): V | undefined;
  /** A value larger than the whole cache is not held. */
  set(key: string, client: string, value: V, bytes: number): void;
  /** Without counting as use. */
  peek(key: string): V | undefined;
  readonly bytes: number;
  readonly size: number;
}

export interface FairCacheOptions {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** What one client answers for. */
interface Account<V> {
  readonly client: string;
  bytes: number;
  /** Least recently used first. */
  readonly entries: Map<string, Entry<V>>;
}

interface Entry<V> {
  readonly value: V;
  readonly bytes: number;
  account: Account<V>;
}

/**
 * Each entry is on the account of a client that uses it. When there is no room, the least recently used entry of the client with the most bytes
 * goes: whoever sends a million different documents pushes out its own. An entry that a client with less on its account uses too
 * becomes that client's, so that a large account cannot take others' entries with it.
 */
export function createFairCache<V>({ maxBytes, maxEntries }: FairCacheOptions): FairCache<V> {
  const entries = new Map<string, Entry<V>>();
  const accounts = new Map<string, Account<V>>();
  let total = 0;

  function accountOf(client: string): Account<V> {
    let account = accounts.get(client);
    if (account === undefined) {
      account = { client, bytes: 0, entries: new Map() };
      accounts.set(client, account);
    }
    return account;
  }

  function enter(key: string, entry: Entry<V>, account: Account<V>): void {
    entry.account = account;
    account.entries.set(key, entry);
    account.bytes += entry.bytes;
  }

  function leave(key: string, { account, bytes }: Entry<V>): void {
    account.entries.delete(key);
    account.bytes -= bytes;
    if (account.entries.size === 0) accounts.delete(account.client);
  }

  function remove(key: string, entry: Entry<V>): void {
    leave(key, entry);
    entries.delete(key);
    total -= entry.bytes;
  }

  function makeRoom(): void {
    while (total > maxBytes || entries.size > maxEntries) {
      let largest: Account<V> | undefined;
      for (const account of accounts.values()) if (largest === undefined || account.bytes > largest.bytes) largest = account;
      const oldest = largest?.entries.entries().next().value;
      if (oldest === undefined) return;
      remove(...oldest);
    }
  }

  return {
    get(key, client) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      const { account } = entry;
      if (account.client !== client && (accounts.get(client)?.bytes ?? 0) + entry.bytes < account.bytes) {
        leave(key, entry);
        enter(key, entry, accountOf(client));
      } else {
        account.entries.delete(key);
        account.entries.set(key, entry);
      }
      return entry.value;
    },
    set(key, client, value, bytes) {
      const old = entries.get(key);
      if (old !== undefined) remove(key, old);
      if (bytes > maxBytes) return;
      const account = accountOf(client);
      const entry: Entry<V> = { value, bytes, account };
      entries.set(key, entry);
      enter(key, entry, account);
      total += bytes;
      makeRoom();
    },
    peek: (key) => entries.get(key)?.value,
    get bytes() {
      return total;
    },
    get size() {
      return entries.size;
    },
  };
}
