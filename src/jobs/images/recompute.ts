import type { Tx } from '../../store/database';

/** Stands in until the worker's is there. */
export async function recomputeImage(_tx: Tx, _imageId: string): Promise<void> {}
