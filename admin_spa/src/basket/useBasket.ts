import { createContext, useContext } from "react";
import type { ChangeSet, Edit, Finding } from "./types";

/** The change set that one is filling, as every screen sees it. */
export interface Basket {
  /** The current change set; null until the first edit makes one. */
  id: string | null;
  changeSet: ChangeSet | null;
  /** How many edits it has, those on their way included. */
  count: number;
  /** Changes whenever the draft does: part of a query's key that shows draft content. */
  revision: string;
  /**
   * Every edit in the order to put them in, those on their way last; one without a value takes
   * away what stands at its path.
   */
  edits: readonly { path: string; value: unknown }[];
  /** Edits are on their way to the server. */
  saving: boolean;
  /** Why the last edit was refused, until the next one is taken. */
  problem: unknown;
  /** Put an edit into the basket; it is sent a moment later, together with its neighbours. */
  addEdit: (path: string, value: unknown) => void;
  /** Take what stands at the path out of the programme (an item of a list). */
  removeAt: (path: string) => void;
  /** Take the edit out of the basket again. */
  revert: (path: string) => void;
  /** What the basket has at exactly this path; undefined when it is not edited (or removed). */
  valueOf: (path: string) => unknown;
  editOf: (path: string) => Edit | undefined;
  isEdited: (path: string) => boolean;
  findingsAt: (path: string) => Finding[];
  /** Make another change set the current one; null: the next edit begins a new one. */
  choose: (id: string | null) => void;
  /** Send what waits now; resolves when the server has it. */
  flush: () => Promise<void>;
  opened: boolean;
  open: () => void;
  close: () => void;
}

export const BasketContext = createContext<Basket | null>(null);

export function useBasket(): Basket {
  const basket = useContext(BasketContext);
  if (!basket) throw new Error("no BasketProvider");
  return basket;
}
