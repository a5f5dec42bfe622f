export interface WireRequest {
  method: 'GET' | 'HEAD' | 'POST';
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** Longest body of an answer that is accepted. */
  mostBytes: number;
}

export type AnswerHeaders = Record<string, string | string[] | undefined>;

export interface WireAnswer {
  status: number;
  headers: AnswerHeaders;
  body: Buffer;
  /** Where the answer came from. */
  url: URL;
  /** What must not be quoted from it: the other side has seen it, and may repeat it. */
  secrets: readonly string[];
}

/** A header as one text. */
export function headerOf(headers: AnswerHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
