/** A file of a multipart body. */
export interface UploadedFile {
  bytes: Buffer;
  /** As its client names it, without folders; null when that is empty. */
  filename: string | null;
  /** As its client declares it; null when it does not, or not as a media type. */
  mimeType: string | null;
}

/** `type/subtype` with parameters whose values need no quotes: what may stand in a header as it is. */
export const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(; ?[\w!#$&^.+-]+=[\w!#$&^.+-]+)*$/;
