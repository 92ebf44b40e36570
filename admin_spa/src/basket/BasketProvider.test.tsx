import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ProblemError } from "@/lib/problem";
import { BasketProvider } from "./BasketProvider";
import type { ChangeSet, Edit } from "./types";
import { useBasket } from "./useBasket";

vi.mock("@/app/me", () => ({ useBrand: () => "aurora" }));
vi.mock("@/app/unsaved", () => ({ useUnsavedGuard: () => {} }));
const shown = vi.hoisted(() => ({ problems: [] as unknown[] }));
vi.mock("@/ui/notices", () => ({ showProblem: (p: unknown) => shown.problems.push(p) }));

/** A server of change sets, as small as the basket needs. */
const server = {
  set: null as ChangeSet | null,
  calls: [] as string[],
  meanwhile: null as (() => void) | null,
};

function made(): ChangeSet {
  return {
    id: "s1",
    title: "t",
    note: "",
    state: "draft",
    baseVersion: 1,
    rowVersion: 1,
    author: { id: "p", name: "Ana" },
    editors: [],
    editCount: 0,
    edits: [],
    findings: [],
    conflicts: [],
    approvals: [],
    comments: [],
    steps: [],
    risk: "low",
    needsApproval: false,
    effectiveAt: null,
    rolloutPercent: null,
    publishedVersion: null,
    createdAt: "2026-11-01T00:00:00Z",
    updatedAt: "2026-11-01T00:00:00Z",
  };
}

function put(set: ChangeSet, path: string, after: unknown): ChangeSet {
  const edits = set.edits.filter((e) => e.path !== path);
  const edit: Edit = { path, before: 1, after, risk: "low", words: `${path} ${after}` };
  return { ...set, rowVersion: set.rowVersion + 1, edits: [...edits, edit] };
}

interface Given {
  rowVersion: number;
  edits: { path: string; value?: unknown; revert?: boolean }[];
}

vi.mock("@/lib/http", () => ({
  call: async (method: string, path: string, given: { body?: unknown } = {}) => {
    server.calls.push(`${method} ${path.replace("/aurora/change-sets", "")}`);
    if (method === "GET") {
      if (!server.set) throw new ProblemError({ code: "not_found", title: "", status: 404 });
      return server.set;
    }
    if (method === "POST") {
      server.set = made();
      return server.set;
    }
    server.meanwhile?.();
    server.meanwhile = null;
    const { rowVersion, edits } = given.body as Given;
    let set = server.set ?? made();
    if (rowVersion !== set.rowVersion) {
      throw new ProblemError({ code: "stale_draft", title: "", status: 409, changeSet: set });
    }
    for (const e of edits) {
      set = e.revert
        ? {
            ...set,
            rowVersion: set.rowVersion + 1,
            edits: set.edits.filter((x) => x.path !== e.path),
          }
        : put(set, e.path, e.value);
    }
    server.set = { ...set, rowVersion: rowVersion + 1 };
    return server.set;
  },
}));

function basket() {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>
      <BasketProvider>{children}</BasketProvider>
    </QueryClientProvider>
  );
  return renderHook(() => useBasket(), { wrapper }).result;
}

beforeEach(() => {
  localStorage.clear();
  server.set = null;
  server.calls = [];
  server.meanwhile = null;
  shown.problems = [];
});
afterEach(cleanup);

it("makes a set with the first edit and sends neighbours together", async () => {
  const it_ = basket();
  act(() => {
    it_.current.addEdit("points.price_factor", "120");
    it_.current.addEdit("points.price_floor_points", 25);
  });
  expect(it_.current.count).toBe(2);
  expect(it_.current.valueOf("points.price_factor")).toBe("120");
  expect(it_.current.saving).toBe(true);
  await act(() => it_.current.flush());
  await waitFor(() => expect(it_.current.saving).toBe(false));
  expect(server.calls.slice(0, 2)).toEqual(["POST ", "PATCH /s1/edits"]);
  expect(server.calls.filter((c) => c.startsWith("PATCH"))).toHaveLength(1);
  expect(it_.current.id).toBe("s1");
  expect(it_.current.isEdited("points.price_floor_points")).toBe(true);
  expect(localStorage.getItem("console.basket.aurora")).toBe("s1");
});

it("shows a reverted field as in force before the server has answered", async () => {
  const it_ = basket();
  act(() => it_.current.addEdit("points.price_factor", "120"));
  await act(() => it_.current.flush());
  act(() => it_.current.revert("points.price_factor"));
  expect(it_.current.isEdited("points.price_factor")).toBe(false);
  expect(it_.current.valueOf("points.price_factor")).toBeUndefined();
  await act(() => it_.current.flush());
  expect(server.set?.edits).toEqual([]);
});

it("puts its edits on top when somebody else edited another field", async () => {
  const it_ = basket();
  act(() => it_.current.addEdit("points.price_factor", "120"));
  await act(() => it_.current.flush());
  server.meanwhile = () => {
    if (server.set) server.set = put(server.set, "tiers.period", "year");
  };
  act(() => it_.current.addEdit("points.price_floor_points", 25));
  await act(() => it_.current.flush());
  expect(server.set?.edits.map((e) => e.path).sort()).toEqual([
    "points.price_factor",
    "points.price_floor_points",
    "tiers.period",
  ]);
  expect(shown.problems).toEqual([]);
});

it("says so and keeps theirs when somebody else edited the same field", async () => {
  const it_ = basket();
  act(() => it_.current.addEdit("points.price_factor", "120"));
  await act(() => it_.current.flush());
  server.meanwhile = () => {
    if (server.set) server.set = put(server.set, "points.price_factor", "90");
  };
  act(() => it_.current.addEdit("points.price_factor", "130"));
  await act(() => it_.current.flush());
  await waitFor(() => expect(it_.current.valueOf("points.price_factor")).toBe("90"));
  expect(shown.problems).toHaveLength(1);
});

it("begins another set when the one it remembers is gone", async () => {
  localStorage.setItem("console.basket.aurora", "long-gone");
  const it_ = basket();
  await waitFor(() => expect(localStorage.getItem("console.basket.aurora")).toBeNull());
  act(() => it_.current.addEdit("points.price_factor", "120"));
  await act(() => it_.current.flush());
  expect(it_.current.id).toBe("s1");
});

it("leaves a set that was submitted meanwhile in review, and begins another", async () => {
  const it_ = basket();
  act(() => it_.current.addEdit("points.price_factor", "120"));
  await act(() => it_.current.flush());
  const submitted = { ...(server.set ?? made()), state: "in_review" as const, rowVersion: 9 };
  server.set = submitted;
  act(() => it_.current.addEdit("points.price_factor", "121"));
  await act(() => it_.current.flush());
  expect(server.calls.filter((c) => c === "POST ")).toHaveLength(2);
  expect(server.set).not.toBe(submitted);
  expect(server.set?.state).toBe("draft");
  expect(server.set?.edits.map((e) => e.after)).toEqual(["121"]);
});
