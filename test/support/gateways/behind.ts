import type { Portolan } from '../portolan';

/** The same service, called through a gateway: answers are checked against the contract as ever. */
export const behind = (portolan: Portolan, url: string): Portolan => Object.create(portolan, { url: { value: url } });
