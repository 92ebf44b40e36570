/** What the command palette searches at the server: one import per feature. */

import "./settingsFinder";
