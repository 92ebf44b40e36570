/** The left menu by job. A screen is shown to those whose roles open it. */

import {
  Activity,
  Boxes,
  BrainCircuit,
  Building2,
  CalendarClock,
  ChartNoAxesCombined,
  ClipboardCheck,
  Coins,
  CreditCard,
  Gauge,
  Gift,
  Globe,
  History,
  Hourglass,
  KeyRound,
  Layers,
  LifeBuoy,
  Link2,
  ListOrdered,
  ListTodo,
  type LucideIcon,
  Mail,
  Megaphone,
  Package,
  Palette,
  Plug,
  Receipt,
  Rocket,
  Scale,
  ScanLine,
  ScrollText,
  ShieldAlert,
  ShieldCheck,
  ShoppingBag,
  Sparkles,
  Truck,
  UserCog,
  Users,
  Webhook,
  Wrench,
} from "lucide-react";
import { mark } from "@/i18n";

export interface MenuItem {
  title: string;
  to: string;
  icon: LucideIcon;
  /** Without it the item is not shown. */
  permission?: string;
  /** Words that find it in the command palette. */
  words?: string;
  children?: MenuItem[];
}

export const MENU: MenuItem[] = [
  { title: mark("Overview"), to: "/", icon: Gauge, permission: "overview:read" },
  { title: mark("Members"), to: "/members", icon: Users, permission: "members:read" },
  { title: mark("Till"), to: "/till", icon: ScanLine, permission: "till:use" },
  { title: mark("Orders"), to: "/orders", icon: ShoppingBag, permission: "orders:read" },
  { title: mark("Catalogue"), to: "/catalogue", icon: Package, permission: "catalogue:read" },
  {
    title: mark("Programme"),
    to: "/programme",
    icon: Layers,
    permission: "parameters:read",
    children: [
      { title: mark("Branding"), to: "/programme/branding", icon: Palette },
      { title: mark("Points"), to: "/programme/points", icon: Coins },
      { title: mark("Tiers"), to: "/programme/tiers", icon: Gift },
      { title: mark("Catalogue rules"), to: "/programme/catalogue", icon: Boxes },
      { title: mark("Payments"), to: "/programme/payments", icon: CreditCard },
      { title: mark("Fulfilment"), to: "/programme/fulfilment", icon: Truck },
      { title: mark("Notifications"), to: "/programme/notifications", icon: Mail },
      { title: mark("Security"), to: "/programme/security", icon: ShieldCheck },
      { title: mark("Change sets"), to: "/changes", icon: ClipboardCheck },
      { title: mark("Scheduled"), to: "/scheduled", icon: CalendarClock },
      { title: mark("Versions"), to: "/versions", icon: History },
    ],
  },
  {
    title: mark("Recommendations"),
    to: "/recommendations",
    icon: Sparkles,
    permission: "parameters:read",
    children: [
      {
        title: mark("What they bring"),
        to: "/recommended/measurement",
        icon: ChartNoAxesCombined,
        permission: "overview:read",
        words: "lift conversions impressions holdout",
      },
      {
        title: mark("Try a slate"),
        to: "/recommended/slate",
        icon: ListOrdered,
        permission: "simulation:run",
        words: "preview member draft weights score",
      },
      {
        title: mark("Models"),
        to: "/recommended/models",
        icon: BrainCircuit,
        words: "training evaluation popularity ndcg",
      },
      {
        title: mark("Card bases"),
        to: "/recommended/card-bases",
        icon: CreditCard,
        words: "bank approved import consent csv",
      },
    ],
  },
  {
    title: mark("Integrations"),
    to: "/integrations",
    icon: Plug,
    children: [
      {
        title: mark("API keys"),
        to: "/integrations/keys",
        icon: KeyRound,
        permission: "keys:read",
      },
      {
        title: mark("Webhooks"),
        to: "/integrations/webhooks",
        icon: Webhook,
        permission: "webhooks:read",
      },
      {
        title: mark("Secrets"),
        to: "/integrations/secrets",
        icon: ShieldCheck,
        permission: "secrets:read",
      },
      {
        title: mark("Single sign-on"),
        to: "/integrations/connections",
        icon: Link2,
        permission: "connections:read",
      },
      {
        title: mark("Domains"),
        to: "/integrations/domains",
        icon: Globe,
        permission: "domains:read",
        words: "dns certificate address cname",
      },
    ],
  },
  { title: mark("People"), to: "/people", icon: UserCog, permission: "people:read" },
  {
    title: mark("Your brand"),
    to: "/brand",
    icon: Rocket,
    permission: "brand:read",
    words: "go live checklist state close",
    children: [
      {
        title: mark("Plan and usage"),
        to: "/plan",
        icon: Receipt,
        words: "quota limit statement invoice price",
      },
      {
        title: mark("Terms of the platform"),
        to: "/terms",
        icon: Scale,
        words: "legal contract version accept",
      },
    ],
  },
  {
    title: mark("Test clock"),
    to: "/test-clock",
    icon: Hourglass,
    permission: "test_clock:move",
    words: "sandbox time forward expiry years",
  },
  { title: mark("Audit"), to: "/audit", icon: ScrollText, permission: "audit:read" },
  {
    title: mark("Support"),
    to: "/support",
    icon: LifeBuoy,
    words: "platform access consent help",
  },
];

/** What the platform's own staff see. */
export const PLATFORM_MENU: MenuItem[] = [
  {
    title: mark("Tenants"),
    to: "/tenants",
    icon: Building2,
    permission: "tenants:read",
    words: "brands health suspend resume support",
  },
  {
    title: mark("Deployment"),
    to: "/deployment",
    icon: Activity,
    permission: "tenants:read",
    words: "requests errors latency delay",
  },
  {
    title: mark("Queues"),
    to: "/queues",
    icon: ListTodo,
    permission: "tenants:read",
    words: "outbox parked replay webhooks mail",
  },
  {
    title: mark("Signs of abuse"),
    to: "/signs",
    icon: ShieldAlert,
    permission: "tenants:read",
    words: "fraud velocity codes takeover",
  },
  {
    title: mark("Announcements"),
    to: "/announcements",
    icon: Megaphone,
    permission: "tenants:read",
    words: "tell brands banner notice",
  },
  {
    title: mark("Maintenance"),
    to: "/maintenance",
    icon: Wrench,
    permission: "tenants:read",
    words: "read-only pause",
  },
  {
    title: mark("Single sign-on"),
    to: "/integrations/connections",
    icon: Link2,
    permission: "connections:read",
  },
  { title: mark("People"), to: "/people", icon: UserCog, permission: "people:read" },
  { title: mark("Audit"), to: "/audit", icon: ScrollText, permission: "audit:read" },
];

/** The items that somebody with these permissions sees. */
export function menuFor(may: (permission: string) => boolean, operator = false): MenuItem[] {
  const open = (item: MenuItem) => !item.permission || may(item.permission);
  return (operator ? PLATFORM_MENU : MENU)
    .filter(open)
    .map((item) => (item.children ? { ...item, children: item.children.filter(open) } : item))
    .filter((item) => !item.children || item.children.length > 0);
}
