import { imageUpdateEvent } from '../../domain/events/told';
import { type Standing, standingOf } from '../../domain/images/standing';
import { parseTagFilter, type TagFilter } from '../../domain/images/tagFilter';
import type { Tx } from '../../store/database';
import { recordEvents } from '../../store/events';
import { lockStanding, type StandingFacts, saveStanding } from '../../store/imageStanding';

/** What became of an image. */
export interface Recomputed {
  facts: StandingFacts;
  standing: Standing;
  /** Manifest digest of the newest. */
  newestDigest: string | null;
}

/**
 * Computes again what follows from an image's filter, digests, placements and pins, and saves what changed; in the
 * caller's transaction, which is the one that changed any of those. Tells of it when the newest or the answer to "is there
 * an update" changed. undefined when there is no such image.
 */
export async function recomputeImage(tx: Tx, imageId: string): Promise<Recomputed | undefined> {
  const facts = await lockStanding(tx, imageId);
  if (!facts) return undefined;
  const standing = standingOf(filterOf(facts.tag_filter), facts.digests, pinsOf(facts));
  const newestDigest = facts.digests.find(({ id }) => id === standing.newestId)?.manifestDigest ?? null;
  const change = changeOf(facts, standing);
  if (change) await saveStanding(tx, imageId, change);
  const isNews = facts.latest_digest_id !== standing.newestId || facts.update_available !== standing.updateAvailable;
  if (isNews) {
    await recordEvents(tx, [
      imageUpdateEvent({
        environmentId: facts.environment_id,
        containerImageId: imageId,
        imageName: facts.image_name,
        latestTag: standing.latestTag,
        latestDigest: newestDigest,
        updateAvailable: standing.updateAvailable,
      }),
    ]);
  }
  return { facts, standing, newestDigest };
}

/** The stored filter; it was checked when it was set. One that an older release took and this one does not takes nothing. */
export function filterOf(text: string): TagFilter {
  const parsed = parseTagFilter(text);
  return 'value' in parsed ? parsed.value : [];
}

const pinsOf = ({ services }: StandingFacts) =>
  services.map(({ id, placements, pinned, channel }) => ({ serviceId: id, placements, pinned, channel }));

function changeOf(facts: StandingFacts, standing: Standing) {
  const digests = standing.digests.filter((now, place) => {
    const before = facts.digests[place];
    return before?.eligible !== now.eligible || before.rank !== now.rank || before.bestTag !== now.bestTag;
  });
  const services = standing.services.filter((now, place) => facts.services[place]?.updateAvailable !== now.updateAvailable);
  const isSame =
    digests.length === 0 &&
    services.length === 0 &&
    facts.latest_digest_id === standing.newestId &&
    facts.latest_tag === standing.latestTag &&
    facts.current_tag === standing.currentTag &&
    facts.deployed_digest_id === standing.deployedDigestId &&
    facts.update_available === standing.updateAvailable;
  if (isSame) return null;
  return {
    latestDigestId: standing.newestId,
    latestTag: standing.latestTag,
    currentTag: standing.currentTag,
    deployedDigestId: standing.deployedDigestId,
    updateAvailable: standing.updateAvailable,
    digests,
    services: services.map(({ id, updateAvailable }) => ({ id, updateAvailable })),
  };
}
