/** A time of the database as /v3 tells it: to the second. */
export const v3Time = (iso: string): string => `${iso.slice(0, 19)}Z`;
