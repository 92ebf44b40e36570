import type { MemberPage } from "@/api/types.gen";
import { mark } from "@/i18n";
import { addFinder } from "@/layout/palette";
import { call } from "@/lib/http";

addFinder({
  id: "members",
  group: mark("Members"),
  permission: "members:read",
  find: async (brand, words, signal) => {
    const page = await call<MemberPage>("GET", `/${brand}/members`, {
      query: { q: words, limit: 6 },
      signal,
    });
    return page.items.map((m) => ({
      id: m.id,
      title: m.name ?? m.number ?? "–",
      hint: m.number ?? "",
      to: `/members/${m.id}`,
    }));
  },
});
