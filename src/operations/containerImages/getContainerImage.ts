import { visible } from '../../domain/access/principal';
import { findContainerImage } from '../../store/containerImages';
import { type Handler, single } from '../handler';
import { toContainerImage } from './view';

export const getContainerImage: Handler<'getContainerImage'> = async ({ path }, { db, principal }) => {
  const image = visible(principal, await findContainerImage(db, path.id), 'container image', path.id);
  return single('image', toContainerImage(image, image.connections), image.version);
};
