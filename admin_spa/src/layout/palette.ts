/**
 * What the command palette finds. Screens of the menu are in it by themselves; a feature adds what
 * it can find with `addFinder`, from the top level of its palette module (named in routes.tsx).
 */

export interface Found {
  id: string;
  title: string;
  /** A second line: what kind of thing, where. */
  hint?: string;
  to: string;
}

export interface Finder {
  id: string;
  /** The group's title; marked with `mark`. */
  group: string;
  permission: string;
  /** Called with at least two letters, a moment after the last one. */
  find: (brand: string, words: string, signal: AbortSignal) => Promise<Found[]>;
}

const finders: Finder[] = [];

export function addFinder(finder: Finder): void {
  if (!finders.some((f) => f.id === finder.id)) finders.push(finder);
}

export function findersFor(may: (permission: string) => boolean): Finder[] {
  return finders.filter((f) => may(f.permission));
}
