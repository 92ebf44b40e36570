/** Texts that the API tells and the console translates. */

import { mark } from "@/i18n";

export const SERVER_WORDS = [
  mark("Read members, their balances and their tiers"),
  mark("Create, change and erase members"),
  mark("Read the ledger"),
  mark("Earn, adjust and reverse points"),
  mark("Read products and prices"),
  mark("Pick, publish and price products"),
  mark("Read quotes and redemptions"),
  mark("Quote, place and cancel redemptions"),
  mark("Read webhook endpoints and deliveries"),
  mark("Change webhook endpoints and replay deliveries"),
  mark("Client id"),
  mark("Client secret"),
  mark("Refresh token"),
  mark("Secret key"),
  mark("Signing secret of the webhook"),
  mark("Store ID"),
  mark("Public key ID"),
  mark("Private key (PEM)"),
  mark("Key of the model"),
];
