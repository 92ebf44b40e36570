import "./app/font.css";
import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "./app/base.css";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { bestLanguage, keptLanguage, speak } from "./i18n";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
await speak(keptLanguage() ?? bestLanguage(...navigator.languages));
createRoot(root).render(<App />);
