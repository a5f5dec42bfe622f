/** A time as /v3 tells it, in whole seconds: `2026-03-01T08:00:00Z`. */
export const v3Time = (iso: string): string => `${iso.slice(0, 19)}Z`;
