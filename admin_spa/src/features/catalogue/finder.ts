import type { CataloguePage } from "@/api/types.gen";
import { language, mark } from "@/i18n";
import { addFinder } from "@/layout/palette";
import { call } from "@/lib/http";

addFinder({
  id: "products",
  group: mark("Products"),
  permission: "catalogue:read",
  find: async (brand, words, signal) => {
    const page = await call<CataloguePage>("GET", `/${brand}/catalogue/products`, {
      query: { q: words, sort: "relevance", language: language(), limit: 6 },
      signal,
    });
    return page.items.map((p) => ({
      id: p.id,
      title: p.name,
      hint: p.slug,
      to: `/catalogue/${p.id}`,
    }));
  },
});
