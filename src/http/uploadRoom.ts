import { Problem } from '../domain/errors';

/** Bodies of this size are never counted: any operation takes them. */
const uncountedBytes = 1024 * 1024;

interface Waiting {
  bytes: number;
  enter(): void;
}

/**
 * The memory that big bodies may take at a time. A body is let in when there is room for all of it, in the order of
 * coming, and keeps its room until its answer is sent: so memory is bounded by the sum, however many upload at once.
 * One that is larger than the whole room has it alone.
 */
export class UploadRoom {
  private taken = 0;
  private readonly queue: Waiting[] = [];

  constructor(
    private readonly bytes: number,
    private readonly waitMs: number,
  ) {}

  /**
   * Waits for room; gives what releases it. 503 when there is none in time. `gone` is told when the client is gone: it waits
   * no more then.
   */
  async take(bytes: number, gone: (leave: () => void) => void): Promise<() => void> {
    if (bytes <= uncountedBytes) return () => {};
    const share = Math.min(bytes, this.bytes);
    if (this.queue.length > 0 || this.taken + share > this.bytes) await this.wait(share, gone);
    else this.taken += share;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.taken -= share;
      this.admit();
    };
  }

  private wait(bytes: number, gone: (leave: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => leave(), this.waitMs);
      const waiting: Waiting = {
        bytes,
        enter: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const leave = () => {
        const place = this.queue.indexOf(waiting);
        if (place < 0) return;
        this.queue.splice(place, 1);
        clearTimeout(timer);
        reject(noRoom());
        // Whoever stood behind may fit where this one did not.
        this.admit();
      };
      this.queue.push(waiting);
      gone(leave);
    });
  }

  private admit(): void {
    for (let next = this.queue[0]; next && this.taken + next.bytes <= this.bytes; next = this.queue[0]) {
      this.queue.shift();
      this.taken += next.bytes;
      next.enter();
    }
  }
}

const noRoom = () =>
  new Problem('unavailable', {
    message: 'Other uploads take all the memory that there is for them.',
    hint: 'Nothing was changed. Try again when they are done.',
    retryAfterSeconds: 5,
    // What is not read stays in the connection; it cannot serve another request.
    headers: { Connection: 'close' },
  });
