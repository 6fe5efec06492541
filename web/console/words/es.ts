import appeals from "./es/appeals.json";
import exposure from "./es/exposure.json";
import filings from "./es/filings.json";
import frame from "./es/frame.json";
import item from "./es/item.json";
import job from "./es/job.json";
import kept from "./es/kept.json";
import lists from "./es/lists.json";
import login from "./es/login.json";
import office from "./es/office.json";
import people from "./es/people.json";
import policy from "./es/policy.json";
import queue from "./es/queue.json";
import search from "./es/search.json";
import seconds from "./es/seconds.json";
import stats from "./es/stats.json";

export default { ...appeals, ...exposure, ...filings, ...frame, ...item, ...job, ...kept, ...lists, ...login, ...office, ...people, ...policy, ...queue, ...search, ...seconds, ...stats };
