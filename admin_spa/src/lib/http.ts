/**
 * How the console calls the admin API: same-origin cookies, the session's CSRF token and a key of
 * its own on every change, the reader's language, and problems thrown as `ProblemError`.
 */

import type { CreateClientConfig } from "@/api/client.gen";
import { language } from "@/i18n";
import { type ProblemError, problemOf } from "./problem";

let csrfToken = "";
let onSignedOut: (error: ProblemError) => void = () => {};

/** The token of the session, told by `me`. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** What happens when a call finds that nobody is signed in. */
export function whenSignedOut(then: (error: ProblemError) => void): void {
  onSignedOut = then;
}

let proveAgain: (problem: ProblemError) => Promise<boolean> = async () => false;

/**
 * How a person proves anew who they are when a call asks for it (`step_up_required`). Answers
 * whether they did; the call is then sent once more.
 */
export function whenProofIsAsked(then: (problem: ProblemError) => Promise<boolean>): void {
  proveAgain = then;
}

/** `fetch` with all that; for bodies that are not JSON. */
export async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  request.headers.set("accept-language", language());
  if (request.method !== "GET") {
    if (csrfToken) request.headers.set("x-csrf-token", csrfToken);
    if (!request.headers.has("idempotency-key")) {
      request.headers.set("idempotency-key", crypto.randomUUID());
    }
  }
  const again = request.clone();
  const response = await fetch(request);
  if (response.ok) return response;
  let problem = await problemOf(response);
  if (problem.code === "step_up_required" && (await proveAgain(problem))) {
    if (csrfToken && again.method !== "GET") again.headers.set("x-csrf-token", csrfToken);
    const second = await fetch(again);
    if (second.ok) return second;
    problem = await problemOf(second);
  }
  // A refused password or code is the form's own matter.
  if (problem.status === 401 && !problem.code.endsWith("_refused")) onSignedOut(problem);
  throw problem;
}

/** Configures the generated client (openapi-ts.config.ts names this file). */
export const createClientConfig: CreateClientConfig = (config) => ({
  ...config,
  baseUrl: "",
  fetch: send,
  throwOnError: true,
});

type One = string | number | boolean;
type Query = Record<string, One | readonly One[] | undefined | null>;

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type Given = { query?: Query; body?: unknown; key?: string; signal?: AbortSignal };

/** A call of the admin API by hand, where the answer is a file or the path is computed. */
export function call<T>(method: Method, path: string, given: Given = {}): Promise<T> {
  return callAt<T>("/api/admin/v1", method, path, given);
}

/** The same for what the platform's own staff do with tenants, at the staff host. */
export function callPlatform<T>(method: Method, path: string, given: Given = {}): Promise<T> {
  return callAt<T>("/api/platform/v1", method, path, given);
}

async function callAt<T>(base: string, method: Method, path: string, given: Given): Promise<T> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given.query ?? {})) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  const headers: Record<string, string> = {};
  if (given.body !== undefined) headers["content-type"] = "application/json";
  if (given.key) headers["idempotency-key"] = given.key;
  const response = await send(`${base}${path}${query.size ? `?${query}` : ""}`, {
    method,
    headers,
    signal: given.signal ?? null,
    body: given.body === undefined ? null : JSON.stringify(given.body),
  });
  if (response.status === 204) return undefined as T;
  const json = response.headers.get("content-type")?.includes("json");
  return (json ? await response.json() : await response.blob()) as T;
}
