/**
 * Works on some entries at a time, in their order. The first failure stops the rest and is thrown when nothing runs any
 * more, so that no work outlives the call.
 */
export async function eachOf<T>(entries: Iterable<T>, atATime: number, work: (entry: T) => Promise<unknown>): Promise<void> {
  const iterator = entries[Symbol.iterator]();
  let failed: { error: unknown } | undefined;
  const run = async () => {
    while (!failed) {
      const next = iterator.next();
      if (next.done) return;
      try {
        await work(next.value);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, run));
  if (failed) throw failed.error;
}
