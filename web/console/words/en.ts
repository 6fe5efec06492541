import appeals from "./en/appeals.json";
import exposure from "./en/exposure.json";
import filings from "./en/filings.json";
import frame from "./en/frame.json";
import item from "./en/item.json";
import job from "./en/job.json";
import kept from "./en/kept.json";
import lists from "./en/lists.json";
import login from "./en/login.json";
import office from "./en/office.json";
import people from "./en/people.json";
import policy from "./en/policy.json";
import queue from "./en/queue.json";
import search from "./en/search.json";
import seconds from "./en/seconds.json";
import stats from "./en/stats.json";

export default { ...appeals, ...exposure, ...filings, ...frame, ...item, ...job, ...kept, ...lists, ...login, ...office, ...people, ...policy, ...queue, ...search, ...seconds, ...stats };
