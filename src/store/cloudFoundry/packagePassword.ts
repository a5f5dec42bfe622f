import { type Keyring, seal, unseal } from '../sealing';

const place = (packageId: string) => ({ table: 'packages', column: 'password', rowId: packageId });

/** The password of a package as its row keeps it. */
export const sealPassword = (keyring: Keyring, packageId: string, password: string | null): string | null =>
  password === null ? null : seal(keyring, place(packageId), password);

/** The password of a package; throws when none of the keys opens it. */
export const openPassword = (keyring: Keyring, packageId: string, sealed: string): string =>
  unseal(keyring, place(packageId), sealed);

/** A sealed password for another row, which alone it opens for. */
export const resealPassword = (keyring: Keyring, fromId: string, toId: string, sealed: string | null): string | null =>
  sealed === null ? null : sealPassword(keyring, toId, openPassword(keyring, fromId, sealed));
