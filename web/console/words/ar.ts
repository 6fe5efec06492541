import appeals from "./ar/appeals.json";
import exposure from "./ar/exposure.json";
import filings from "./ar/filings.json";
import frame from "./ar/frame.json";
import item from "./ar/item.json";
import job from "./ar/job.json";
import kept from "./ar/kept.json";
import lists from "./ar/lists.json";
import login from "./ar/login.json";
import office from "./ar/office.json";
import people from "./ar/people.json";
import policy from "./ar/policy.json";
import queue from "./ar/queue.json";
import search from "./ar/search.json";
import seconds from "./ar/seconds.json";
import stats from "./ar/stats.json";

export default { ...appeals, ...exposure, ...filings, ...frame, ...item, ...job, ...kept, ...lists, ...login, ...office, ...people, ...policy, ...queue, ...search, ...seconds, ...stats };
