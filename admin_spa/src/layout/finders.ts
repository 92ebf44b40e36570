/** What the command palette searches at the server: one import per feature. */

import "@/features/catalogue/finder";
import "@/features/members/finder";
import "@/features/orders/finder";
import "./settingsFinder";
