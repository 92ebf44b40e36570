import type { OrderPage } from "@/api/types.gen";
import { mark } from "@/i18n";
import { addFinder } from "@/layout/palette";
import { call } from "@/lib/http";
import { titleOf } from "./words";

addFinder({
  id: "orders",
  group: mark("Orders"),
  permission: "orders:read",
  find: async (brand, words, signal) => {
    const number = words.trim().toUpperCase();
    // Only a whole number names an order.
    if (!/^[0-9A-Z]{6,20}$/.test(number)) return [];
    const page = await call<OrderPage>("GET", `/${brand}/orders`, {
      query: { number, limit: 3 },
      signal,
    });
    return page.items.map((o) => ({
      id: o.id,
      title: o.number,
      hint: titleOf(o.title),
      to: `/orders/${o.id}`,
    }));
  },
});
