/** What stands for a key in an environment. */
export interface Value {
  value: string;
  secret: boolean;
}

/** Values by key. Where a var and a secret share a key, the secret has won already. */
export type Values = ReadonlyMap<string, Value>;

/** What stands where a secret was. */
export const hidden = '***';

/** The same values for eyes that may not see secrets: those of any length are hidden, also such as no mask would find. */
export const hideSecrets = (values: Values): Values =>
  new Map([...values].map(([key, value]) => [key, value.secret ? { value: hidden, secret: true } : value]));
