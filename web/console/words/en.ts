import frame from "./en/frame.json";
import item from "./en/item.json";
import job from "./en/job.json";
import login from "./en/login.json";
import queue from "./en/queue.json";
import search from "./en/search.json";
import seconds from "./en/seconds.json";

export default { ...frame, ...item, ...job, ...login, ...queue, ...search, ...seconds };
