import { compareTexts } from '../compareTexts';
import { bestTag, highest } from './bestTag';
import { type Candidate, candidatesOf, type KnownDigest } from './candidates';
import { type Families, type Field, familiesOf, fieldOf, fieldOfFilter } from './field';
import { type Ranking, rankingIn } from './newest';
import { readTag, type Tag } from './tag';
import type { TagFilter } from './tagFilter';

export type { KnownDigest } from './candidates';

/** What one service of an image runs and pins; digests by their ids. */
export interface Pins {
  serviceId: string;
  /** Digest of each placement, oldest placement first; null where nothing was deployed yet. */
  placements: readonly (string | null)[];
  /** Digest of the current droplet. */
  pinned: string | null;
  /** The service's `imageTag`: tells the family of a digest that has several or has lost its tags. */
  channel?: string | null;
}

export interface ServiceStanding {
  id: string;
  updateAvailable: boolean;
  /** Newest in the family that this service runs; differs from the image's where services run different families. */
  newestId: string | null;
  latestTag: string | null;
  /** Best tag of what runs, else of what is pinned. */
  currentTag: string | null;
}

/** Everything that is computed about an image. */
export interface Standing {
  /** In the order in which the digests were given. */
  digests: { id: string; eligible: boolean; rank: number | null; bestTag: string | null }[];
  newestId: string | null;
  /** Best tag of the newest. */
  latestTag: string | null;
  /** There are candidates, but which is newest cannot be told. */
  orderUnknown: boolean;
  /** Best tag of what the oldest service with a placement runs there, else of what the oldest service pins. */
  currentTag: string | null;
  /** Digest that all placements run; null when there are none, or they differ. */
  deployedDigestId: string | null;
  /** Any service has an update. */
  updateAvailable: boolean;
  /** In the order in which the services were given. */
  services: ServiceStanding[];
}

/**
 * Computes an image's standing from what is stored of it. The order of digests and services makes no difference: services
 * count by their ids, which grow with time.
 */
export function standingOf(filter: TagFilter, digests: readonly KnownDigest[], pins: readonly Pins[]): Standing {
  const view = new View(filter, digests);
  const oldestFirst = [...pins].sort((a, b) => compareTexts(a.serviceId, b.serviceId));
  const deployedFirst = [
    ...oldestFirst.filter(({ placements }) => placements.some((id) => id !== null)),
    ...oldestFirst.filter(({ placements }) => placements.every((id) => id === null)),
  ];
  const field = firstTold(deployedFirst, (pin) => view.fieldOfService(pin)) ?? view.ownField;
  const { ranks, newestId, undecided } = view.rankingIn(field);
  const running = pins.flatMap(({ placements }) => placements);
  const services = pins.map((pin) => view.standingOfService(pin));
  const nameOf = (id: string | null) => view.nameOf(id, field);
  const current = firstTold(deployedFirst, (pin) => runsOf(pin)[0] ?? null);
  return {
    digests: digests.map(({ id }) => ({
      id,
      eligible: (view.byId.get(id) as Candidate).eligible.length > 0,
      rank: ranks.get(id) ?? null,
      bestTag: nameOf(id),
    })),
    newestId,
    latestTag: nameOf(newestId),
    orderUnknown: undecided,
    currentTag: nameOf(current),
    deployedDigestId: new Set(running).size === 1 ? (running[0] ?? null) : null,
    updateAvailable: services.some((service) => service.updateAvailable),
    services,
  };
}

/** What a service runs, else pins, oldest placement first. A placement without a digest waits for what is pinned. */
const runsOf = ({ placements, pinned }: Pins): string[] =>
  (placements.length > 0 ? placements.map((id) => id ?? pinned) : [pinned]).filter((id) => id !== null);

function firstTold<T, R>(entries: readonly T[], tell: (entry: T) => R | null): R | null {
  for (const entry of entries) {
    const told = tell(entry);
    if (told !== null) return told;
  }
  return null;
}

/** The digests of an image, seen through its filter. */
class View {
  readonly byId: ReadonlyMap<string, Candidate>;
  /** Where newest is decided as long as nothing is deployed or pinned. */
  readonly ownField: Field | null;
  private readonly candidates: Candidate[];
  private readonly families: Families;
  private readonly rankings = new Map<string, Ranking>();

  constructor(
    private readonly filter: TagFilter,
    digests: readonly KnownDigest[],
  ) {
    this.candidates = candidatesOf(filter, digests);
    this.families = familiesOf(this.candidates);
    this.byId = new Map(this.candidates.map((candidate) => [candidate.id, candidate]));
    this.ownField = fieldOfFilter(filter, this.candidates, this.families);
  }

  rankingIn(field: Field | null): Ranking {
    const key = JSON.stringify(field);
    const ranking = this.rankings.get(key) ?? rankingIn(field, this.filter, this.candidates);
    this.rankings.set(key, ranking);
    return ranking;
  }

  nameOf(id: string | null, field: Field | null): string | null {
    const candidate = id === null ? undefined : this.byId.get(id);
    return candidate ? (bestTag(this.filter, candidate, field)?.text ?? null) : null;
  }

  /** Field of what a service runs or pins; null when that tells none. */
  fieldOfService(pin: Pins): Field | null {
    return firstTold(runsOf(pin), (id) => this.fieldOfDigest(id, pin.channel ?? null));
  }

  standingOfService(pin: Pins): ServiceStanding {
    const field = this.fieldOfService(pin) ?? this.ownField;
    const { newestId } = this.rankingIn(field);
    const runs = runsOf(pin);
    return {
      id: pin.serviceId,
      // One placement that is behind is enough: deploying brings all of them to the newest.
      updateAvailable: runs.some((id) => this.isBehind(id, field)),
      newestId,
      latestTag: this.nameOf(newestId, field),
      currentTag: this.nameOf(runs[0] ?? null, field),
    };
  }

  /**
   * Field of the tag that a digest was deployed by. Where it has several, the channel chooses between families; where it has
   * lost its tags, the channel alone tells, itself or by what it points at now.
   */
  private fieldOfDigest(id: string, channel: string | null): Field | null {
    const candidate = this.byId.get(id);
    if (!candidate) return null;
    const tag = channel === null ? undefined : readTag(channel);
    const names = candidate.eligible.length > 0 ? candidate.eligible : candidate.tags;
    if (names.length === 0) return this.fieldOfChannel(tag);
    const isAlike = tag?.kind !== 'moving' && names.some(({ kind, family }) => kind === tag?.kind && family === tag.family);
    return fieldOf(isAlike ? (tag as Tag) : this.tellingTag(candidate), this.families);
  }

  private fieldOfChannel(channel: Tag | undefined): Field | null {
    if (!channel) return null;
    const target =
      channel.kind === 'moving' && this.candidates.find(({ eligible }) => eligible.some(({ text }) => text === channel.text));
    return fieldOf(target ? this.tellingTag(target) : channel, this.families);
  }

  /** The tag that tells most of where a digest belongs: a moving one tells nothing as long as there is another. */
  private tellingTag({ tags, eligible }: Candidate): Tag {
    const firm = (names: readonly Tag[]) => names.filter(({ kind }) => kind !== 'moving');
    const names = eligible.length > 0 ? eligible : tags;
    return bestTag(this.filter, { tags: firm(names), eligible: firm(eligible) }) ?? (highest(names) as Tag);
  }

  /** Whether the newest of a field is newer than a digest. One without rank counts as lowest, except in another family. */
  private isBehind(id: string, field: Field | null): boolean {
    const { newestId, ranks } = this.rankingIn(field);
    if (newestId === null || field === null || newestId === id) return false;
    const rank = ranks.get(id);
    if (rank !== undefined) return (ranks.get(newestId) as number) > rank;
    const eligible = this.byId.get(id)?.eligible ?? [];
    return eligible.length === 0 || eligible.some((tag) => tag.family === field.family);
  }
}
