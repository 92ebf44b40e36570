/** Sending a table as CSV: where it is dropped, and an empty one to fill in. */

import { Button } from "@mantine/core";
import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import { Download, FileUp } from "lucide-react";
import { t } from "@/i18n";
import { send } from "@/lib/http";
import { saveFile } from "@/ui/csv";
import { Drop } from "@/ui/Drop";
import { Problem } from "@/ui/Problem";

/** Posts a file to the address that `at` says. */
export function useSendCsv<T>(at: (file: File) => string, onSuccess: (made: T) => void) {
  return useMutation({
    mutationFn: async (file: File) => {
      const response = await send(`/api/admin/v1${at(file)}`, {
        method: "POST",
        headers: { "content-type": "text/csv" },
        body: file,
      });
      return (await response.json()) as T;
    },
    onSuccess,
    meta: { shown: true },
  });
}

export function DropCsv<T>({
  bring,
  limits,
  disabled = false,
}: {
  bring: UseMutationResult<T, Error, File>;
  limits: string;
  disabled?: boolean;
}) {
  return (
    <>
      <Drop
        icon={FileUp}
        invitation={t("Drop a CSV file here")}
        act={t("Choose a file")}
        limits={limits}
        accept=".csv,text/csv"
        busy={bring.isPending}
        disabled={disabled}
        take={([file]) => file && bring.mutate(file)}
      />
      {bring.error ? <Problem error={bring.error} /> : null}
    </>
  );
}

export function EmptyCsv({ heading, name }: { heading: string; name: string }) {
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<Download size={14} aria-hidden />}
      onClick={() => saveFile(name, `\ufeff${heading}\r\n`, "text/csv")}
    >
      {t("An empty file with the heading")}
    </Button>
  );
}
