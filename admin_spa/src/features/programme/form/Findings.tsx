import { Text } from "@mantine/core";
import { useBasket } from "@/basket/useBasket";

/** What the server found about a group of fields as a whole. */
export function Findings({ path }: { path: string }) {
  const found = useBasket().findingsAt(path);
  if (!found.length) return null;
  return (
    <div role="alert">
      {found.map((f) => (
        <Text
          key={f.code + f.message}
          size="sm"
          mb={8}
          c={f.severity === "error" ? "var(--danger)" : "var(--warning)"}
        >
          {f.message}
        </Text>
      ))}
    </div>
  );
}
