import appeals from "./ar/appeals.json";
import exposure from "./ar/exposure.json";
import filings from "./ar/filings.json";
import frame from "./ar/frame.json";
import lists from "./ar/lists.json";
import login from "./ar/login.json";
import office from "./ar/office.json";
import people from "./ar/people.json";
import policy from "./ar/policy.json";
import queue from "./ar/queue.json";
import stats from "./ar/stats.json";

export default { ...appeals, ...exposure, ...filings, ...frame, ...lists, ...login, ...office, ...people, ...policy, ...queue, ...stats };
