import appeals from "./fr/appeals.json";
import exposure from "./fr/exposure.json";
import filings from "./fr/filings.json";
import frame from "./fr/frame.json";
import item from "./fr/item.json";
import job from "./fr/job.json";
import kept from "./fr/kept.json";
import lists from "./fr/lists.json";
import login from "./fr/login.json";
import office from "./fr/office.json";
import people from "./fr/people.json";
import policy from "./fr/policy.json";
import queue from "./fr/queue.json";
import search from "./fr/search.json";
import seconds from "./fr/seconds.json";
import stats from "./fr/stats.json";

export default { ...appeals, ...exposure, ...filings, ...frame, ...item, ...job, ...kept, ...lists, ...login, ...office, ...people, ...policy, ...queue, ...search, ...seconds, ...stats };
