import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, describe, expect, it } from "vitest";
import {
  formatAgo,
  formatDateTime,
  formatDuration,
  formatMoney,
  formatPoints,
  minorDigits,
  setProgramme,
} from "./formats";
import { bestLanguage, speak, t, tn, tx } from "./index";

const flat = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

afterEach(() => speak("en"));

describe("words", () => {
  it("fill gaps and choose the form for a number", async () => {
    expect(t("Changes of {when}", { when: "today" })).toBe("Changes of today");
    expect(tn("{n} change", "{n} changes", 1)).toBe("1 change");
    expect(tn("{n} change", "{n} changes", 12_345)).toBe("12,345 changes");
    await speak("pt-BR");
    expect(tn("{n} change", "{n} changes", 0)).toBe("0 alteração");
    expect(tn("{n} change", "{n} changes", 12_345)).toBe("12.345 alterações");
    expect(t("Not found")).toBe("Não encontrado");
    expect(t("A text nobody translated")).toBe("A text nobody translated");
    expect(document.documentElement.lang).toBe("pt-BR");
  });

  it("never read a value as markup", () => {
    expect(renderToStaticMarkup(tx("Changes of {when}", { when: "<b>" }))).toBe(
      "Changes of &lt;b&gt;",
    );
  });

  it("meet a wish for pt by pt-BR", () => {
    expect(bestLanguage(null, "pt")).toBe("pt-BR");
    expect(bestLanguage("fr-FR", "es-AR")).toBe("es");
    expect(bestLanguage("fr")).toBe("en");
  });
});

describe("formats", () => {
  it("write money from minor units with its currency", async () => {
    expect(formatMoney({ minor: 123_456, currency: "USD" })).toBe("$1,234.56");
    expect(formatMoney({ minor: 500, currency: "JPY" })).toBe("¥500");
    expect(minorDigits("BRL")).toBe(2);
    await speak("pt-BR");
    expect(flat(formatMoney({ minor: 123_456, currency: "BRL" }))).toBe("R$ 1.234,56");
  });

  it("use the brand's name for its points", async () => {
    setProgramme({ zone: "UTC", points: { one: "milha", other: "milhas" } });
    await speak("pt-BR");
    expect(flat(formatPoints(12_450))).toBe("12.450 milhas");
    expect(flat(formatPoints(1))).toBe("1 milha");
  });

  it("show instants in the programme's zone", () => {
    setProgramme({ zone: "America/Sao_Paulo" });
    expect(flat(formatDateTime("2026-12-01T03:00:00Z"))).toBe("Dec 1, 2026, 12:00 AM");
    expect(formatAgo("2026-12-01T03:00:00Z", new Date("2026-12-01T06:10:00Z"))).toBe("3 hours ago");
    const spans = [0, 45, 300, 7_260, 90_000, 3_601].map((s) => flat(formatDuration(s)));
    expect(spans).toEqual(["0 sec", "45 sec", "5 min", "2 hr 1 min", "1 day 1 hr", "1 hr"]);
  });
});
