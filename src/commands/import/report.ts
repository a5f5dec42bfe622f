import { plain } from '../client/service';

/** What became of an object. */
export type Outcome = 'created' | 'updated' | 'unchanged' | 'kept' | 'left' | 'failed';

/** An object by where it stands, with a reason where there is one. */
export interface Line {
  outcome: Outcome;
  environment: string;
  kind: string;
  name: string;
  reason?: string;
}

export class Report {
  readonly lines: Line[] = [];
  /** What is copied, but not wholly. */
  readonly notes: Omit<Line, 'outcome'>[] = [];

  add(line: Line): void {
    this.lines.push(line);
  }

  note(environment: string, kind: string, name: string, reason: string): void {
    this.notes.push({ environment, kind, name, reason });
  }

  get failed(): boolean {
    return this.lines.some(({ outcome }) => outcome === 'failed');
  }

  count(outcome: Outcome): number {
    return this.lines.filter((line) => line.outcome === outcome).length;
  }

  /** For people: what was done, and everything that was not, with its reason. */
  text(dryRun: boolean): string {
    const counts = (Object.keys(words) as Outcome[])
      .map((outcome) => [this.count(outcome), words[outcome]] as const)
      .filter(([count]) => count > 0)
      .map(([count, word]) => `${count} ${word}`);
    const sections = [
      this.section('Failed:', this.of('failed')),
      this.section('Not copied:', this.of('left')),
      this.section('Different, and kept as they are:', this.of('kept')),
      this.section('To do by hand:', this.notes),
    ];
    const head = `${dryRun ? 'Would be: ' : ''}${counts.join(', ') || 'nothing to copy'}.`;
    return [head, ...sections.flat()].join('\n');
  }

  private of(outcome: Outcome): Line[] {
    return this.lines.filter((line) => line.outcome === outcome);
  }

  private section(title: string, lines: readonly Omit<Line, 'outcome'>[]): string[] {
    if (lines.length === 0) return [];
    const told = lines.map(({ environment, kind, name, reason }) => {
      const place = name === environment ? kind : `${environment}: ${kind}`;
      return `  ${place} ${plain(name)}${reason ? ` - ${plain(reason)}` : ''}`;
    });
    return ['', title, ...told];
  }
}

const words: Record<Outcome, string> = {
  created: 'created',
  updated: 'updated',
  unchanged: 'unchanged',
  kept: 'different and kept',
  left: 'not copied',
  failed: 'failed',
};
