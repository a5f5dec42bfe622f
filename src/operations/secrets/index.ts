export { createSecret } from './createSecret';
export { deleteSecret } from './deleteSecret';
export { getSecret } from './getSecret';
export { listSecrets } from './listSecrets';
export { revealSecretValue } from './revealSecretValue';
export { updateSecret } from './updateSecret';
