import { useQuery } from "@tanstack/react-query";
import type {
  CatalogueOptions,
  CatalogueRow,
  EditableProduct,
  StockedSku,
  Stored,
} from "@/api/types.gen";
import { useBrand } from "@/app/me";
import { call, send } from "@/lib/http";
import type { Draft } from "./product";

export type { CatalogueOptions, CatalogueRow, StockedSku };

/** A product as read: the definition is whole. */
export type Loaded = Omit<EditableProduct, "product"> & { product: Draft };

export const productKey = (brand: string, id: string) => ["product", brand, id];
export const listKey = (brand: string) => ["catalogue", brand];

export function readProduct(brand: string, id: string): Promise<Loaded> {
  return call("GET", `/${brand}/catalogue/products/${id}`);
}

export function useOptions() {
  const brand = useBrand();
  return useQuery({
    queryKey: ["catalogue-options", brand],
    queryFn: () => call<CatalogueOptions>("GET", `/${brand}/catalogue/options`),
    staleTime: 60_000,
  });
}

/** Keep a picture: it is drawn anew at the server; its name is what a product refers to. */
export async function keepPicture(brand: string, file: File): Promise<Stored> {
  const response = await send(`/api/admin/v1/${brand}/files`, {
    method: "POST",
    headers: { "content-type": file.type || "application/octet-stream" },
    body: file,
  });
  return (await response.json()) as Stored;
}

export const pictureUrl = (brand: string, file: string): string =>
  `/api/admin/v1/${brand}/files/${file}`;
