import { defineConfig } from "@hey-api/openapi-ts";

export default defineConfig({
  input: "./openapi.json",
  output: "src/api",
  plugins: [
    { name: "@hey-api/client-fetch", runtimeConfigPath: "./src/lib/http.ts" },
    "@hey-api/typescript",
    "@hey-api/sdk",
    "@tanstack/react-query",
  ],
  logs: { level: "warn", file: false },
});
