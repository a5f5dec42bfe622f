import type { Answered } from './portolan';

/** Status and code of a problem of /v3, and what it tells. */
export function problemOfV3({ status, body }: Answered): [number, number, string] {
  expect(body.errors).toHaveLength(1);
  const [{ code, detail }] = body.errors;
  return [status, code, detail];
}

/** The same without its words. */
export const codeOfV3 = (answer: Answered): [number, number] => {
  const [status, code] = problemOfV3(answer);
  return [status, code];
};
