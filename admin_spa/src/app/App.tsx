import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { MutationCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode, useState } from "react";
import { whenSignedOut } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { makeRouter } from "@/routes";
import { ConfirmProvider } from "@/ui/Confirm";
import { showProblem } from "@/ui/notices";
import { LanguageContext, useLanguageState } from "./language";
import { schemes } from "./scheme";
import { toSignIn } from "./signedOut";
import { theme, variables } from "./theme";

declare global {
  var __webpack_nonce__: string | undefined;
}

/** The nonce of this page: style elements without it are refused by the browser. */
function nonce(): string {
  const found = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
  // The scroll lock of dialogs makes a style element of its own and looks here.
  globalThis.__webpack_nonce__ = found;
  return found;
}

const pageNonce = nonce();

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        retry: (count, error) => count < 2 && asProblem(error).status === 0,
      },
      mutations: { retry: false },
    },
    mutationCache: new MutationCache({
      // A screen that shows the problem itself says so.
      onError: (error, _given, _context, mutation) => {
        if (!mutation.meta?.shown) showProblem(error);
      },
    }),
  });
}

export function App() {
  const [queryClient] = useState(makeQueryClient);
  const [router] = useState(() => makeRouter(queryClient));
  const spoken = useLanguageState();
  whenSignedOut(toSignIn);
  return (
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        defaultColorScheme="auto"
        colorSchemeManager={schemes}
        getStyleNonce={() => pageNonce}
      >
        <QueryClientProvider client={queryClient}>
          <LanguageContext value={spoken}>
            <Notifications position="bottom-right" />
            <ConfirmProvider>
              {/* Another language: every text is made anew. */}
              <RouterProvider key={spoken.language} router={router} />
            </ConfirmProvider>
          </LanguageContext>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  );
}
