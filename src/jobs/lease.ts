/**
 * Prolongs a lease a few times within its time, until `stop`. `onLost` runs once when it turns out to be somebody else's;
 * a database that does not answer for a moment is no reason to give up before the lease ends.
 */
export function keepLease(leaseMs: number, renew: () => Promise<boolean>, onLost: () => void): { stop(): void } {
  let stopped = false;
  const timer = setInterval(() => {
    renew().then(
      (held) => {
        if (held || stopped) return;
        stop();
        onLost();
      },
      () => {},
    );
  }, leaseMs / 4);
  const stop = () => {
    stopped = true;
    clearInterval(timer);
  };
  return { stop };
}
