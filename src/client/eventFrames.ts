/** A frame of a stream of server-sent events: an event, a position alone, or how long to stay away. */
export interface EventFrame {
  /** The last id that was told, by this frame or one before. */
  id: string;
  type: string;
  /** Undefined where the frame carries no event. */
  data: string | undefined;
  retryMs: number | undefined;
}

/** Reads frames from text that comes in pieces, cut anywhere. */
export class EventFrames {
  #rest = '';
  #lines: string[] = [];
  #id = '';
  #begun = false;

  /** The frames that this piece ends. */
  add(piece: string): EventFrame[] {
    if (!this.#begun && piece !== '') {
      this.#begun = true;
      if (piece.startsWith('\uFEFF')) piece = piece.slice(1);
    }
    const text = this.#rest + piece;
    // The other half of a line's end may come with the next piece.
    const held = text.endsWith('\r') ? '\r' : '';
    const lines = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() + held;
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): EventFrame[] {
    if (line !== '') {
      if (!line.startsWith(':')) this.#lines.push(line);
      return [];
    }
    const lines = this.#lines;
    this.#lines = [];
    return lines.length === 0 ? [] : [this.#frame(lines)];
  }

  #frame(lines: string[]): EventFrame {
    let [type, retryMs] = ['message', undefined as number | undefined];
    const data: string[] = [];
    for (const line of lines) {
      const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line) as unknown as [string, string, string];
      if (name === 'data') data.push(value);
      else if (name === 'event' && value) type = value;
      else if (name === 'id' && !value.includes('\0')) this.#id = value;
      else if (name === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
    }
    return { id: this.#id, type, data: data.length > 0 ? data.join('\n') : undefined, retryMs };
  }
}
