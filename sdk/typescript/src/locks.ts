// One at a time, over all tabs of an origin where the browser has Web Locks, else in this program.

const held = new Set<string>();

/** Runs the work unless somebody else is at it; undefined then. */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
  if (held.has(name)) return undefined;
  held.add(name);
  try {
    const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
    if (!locks) return await work();
    return await locks.request(name, { ifAvailable: true }, async (lock) => (lock ? await work() : undefined));
  } finally {
    held.delete(name);
  }
}
