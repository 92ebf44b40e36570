/** The language that is shown, and how to show another. */

import { createContext, useContext, useMemo, useState } from "react";
import { type Language, language, speak } from "@/i18n";

interface Spoken {
  language: Language;
  choose: (next: Language) => Promise<void>;
}

export const LanguageContext = createContext<Spoken | null>(null);

export function useLanguageState(): Spoken {
  const [current, setCurrent] = useState(language);
  return useMemo(
    () => ({
      language: current,
      choose: async (next) => {
        await speak(next, true);
        setCurrent(next);
      },
    }),
    [current],
  );
}

export function useLanguage(): Spoken {
  const spoken = useContext(LanguageContext);
  if (!spoken) throw new Error("no language");
  return spoken;
}
