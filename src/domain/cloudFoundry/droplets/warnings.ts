/** What whoever looks at a droplet, or makes it current, should know of it. */
export function dropletWarnings(droplet: { image: string | null; manifest_lost_at: string | null }): string[] {
  if (droplet.manifest_lost_at === null) return [];
  return [`The registry does not have ${droplet.image} any more; a restart could not pull it.`];
}
