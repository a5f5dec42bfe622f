/** The only reader of process.env. */
export const env = (): NodeJS.ProcessEnv => process.env;
