import type { Contract } from './contract';
import type { Folder, Step, Walk } from './walk/step';
import { stepsOf } from './walk/steps';
import { exceptions, extras, given } from './walk/table';
import { variablesIn } from './walk/text';

/**
 * A way through all operations of the contract, from nothing to deleted again: the Postman collection and docs/curl.md are
 * this walk. Each operation has one step; what it needs was made by steps before it. It goes by tags, as far as it can:
 * a tag comes when most of its steps can run, and what has to wait for later tags comes again as `continued`. What deletes
 * comes at the end, in the opposite order.
 */
export function walkOf(contract: Contract): Walk {
  const steps = stepsOf(contract);
  const second = new Set(extras.map(({ operationId, name }) => `${operationId}: ${name}`));
  const deletes = (step: Step) =>
    step.placed.method === 'delete' || second.has(step.name) || exceptions[step.name]?.last === true;
  const jobs = steps.filter((step) => step.products.some(({ variable }) => variable === 'jobGuid')).length > 0;
  const wait = jobs ? steps.find((step) => variablesIn(step.path).includes('jobGuid')) : undefined;
  const forth = steps.filter((step) => !deletes(step) && step !== wait);
  const order = new Order(forth);
  const folders = order.folders();
  return { folders, cleanUp: cleanUp(steps.filter(deletes), folders, wait) };
}

/** Names of all variables of a step. */
export const usedBy = ({ base, path, query, headers, body, credential }: Step): string[] => [
  ...new Set([
    base,
    ...variablesIn([path, query, headers, body ?? null]),
    ...(credential.kind === 'bearer' ? [credential.variable] : []),
  ]),
];

class Order {
  private readonly before = new Map<Step, Step[]>();
  private readonly placed = new Set<Step>();

  constructor(private readonly steps: Step[]) {
    for (const step of steps) this.before.set(step, this.neededBy(step));
  }

  private neededBy(step: Step): Step[] {
    const { path, method, operation } = step.placed;
    const used = usedBy(step).filter((name) => !given.some((one) => one.name === name) && name !== 'idempotencyKey');
    const makers = used.map((name) => {
      const maker = this.steps.find(({ products }) => products.some((one) => one.variable === name));
      if (!maker) throw new Error(`${step.name} needs ${name}, which nothing makes.`);
      return maker;
    });
    const after = exceptions[operation.operationId]?.after ?? [];
    const listed = this.steps.filter(
      (one) => method === 'get' && one.placed.path === path && ['post', 'put'].includes(one.placed.method),
    );
    const asks = this.steps.filter((one) => step.needsRegistry && one.asksForRegistry);
    const named = this.steps.filter((one) => after.includes(one.name));
    return [...makers, ...named, ...listed, ...asks].filter((one) => one !== step);
  }

  folders(): Folder[] {
    const folders: Folder[] = [];
    const tags = [...new Set(this.steps.map(({ tag }) => tag))];
    while (this.placed.size < this.steps.length) {
      const choices = tags
        .map((tag) => ({ tag, ready: this.ready(tag), all: this.open(tag) }))
        .filter(({ ready }) => ready.length > 0);
      const waiting = ({ ready, all }: { ready: Step[]; all: Step[] }) => all.length - ready.length;
      const [best] = choices.sort((a, b) => waiting(a) - waiting(b));
      if (!best)
        throw new Error(`These need each other: ${this.steps.filter((one) => !this.placed.has(one)).map(({ name }) => name)}`);
      for (const step of best.ready) this.placed.add(step);
      const continued = folders.some(({ tag }) => tag === best.tag);
      folders.push({ name: continued ? `${best.tag}, continued` : best.tag, tag: best.tag, continued, steps: best.ready });
    }
    return folders;
  }

  private open = (tag: string): Step[] => this.steps.filter((step) => step.tag === tag && !this.placed.has(step));

  /** The steps of a tag that can run now, one after the other. */
  private ready(tag: string): Step[] {
    const order: Step[] = [];
    const open = this.open(tag);
    for (;;) {
      const next = open.find(
        (step) =>
          !order.includes(step) && (this.before.get(step) as Step[]).every((one) => this.placed.has(one) || order.includes(one)),
      );
      if (!next) return order;
      order.push(next);
    }
  }
}

/** Deletes what was made last first, and waits for deletions that go on behind their answer. */
function cleanUp(steps: Step[], folders: Folder[], wait: Step | undefined): Step[] {
  const forth = folders.flatMap((folder) => folder.steps);
  const madeAt = (step: Step): number =>
    exceptions[step.name]?.last
      ? -1
      : Math.max(
          0,
          ...usedBy(step).map((name) => forth.findIndex(({ products }) => products.some((one) => one.variable === name))),
        );
  const depth = ({ path }: Step): number => path.split('/').length;
  const order = [...steps].sort((a, b) => madeAt(b) - madeAt(a) || depth(b) - depth(a));
  let waits = 0;
  return order.flatMap((step) => {
    if (!wait || !step.products.some(({ variable }) => variable === 'jobGuid')) return [step];
    waits += 1;
    return [step, waits === 1 ? wait : { ...wait, name: `${wait.name}: after ${step.name}` }];
  });
}
