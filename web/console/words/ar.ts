import frame from "./ar/frame.json";
import item from "./ar/item.json";
import job from "./ar/job.json";
import login from "./ar/login.json";
import queue from "./ar/queue.json";
import search from "./ar/search.json";
import seconds from "./ar/seconds.json";

export default { ...frame, ...item, ...job, ...login, ...queue, ...search, ...seconds };
