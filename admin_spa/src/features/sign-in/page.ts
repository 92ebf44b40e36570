import { useQuery } from "@tanstack/react-query";
import { call } from "@/lib/http";

export interface SignInPage {
  slug: string;
  name: string;
  accent: string;
  environment: string;
  connections?: { id: string; title: string; startUrl: string }[];
  enforced?: boolean;
}

/** What a brand's sign-in page shows. */
export function usePage(brand: string) {
  return useQuery({
    queryKey: ["sign-in", brand],
    queryFn: () => call<SignInPage>("GET", `/sign-in/${brand}`),
    retry: false,
  });
}
