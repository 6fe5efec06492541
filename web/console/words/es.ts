import frame from "./es/frame.json";
import item from "./es/item.json";
import job from "./es/job.json";
import login from "./es/login.json";
import queue from "./es/queue.json";
import search from "./es/search.json";
import seconds from "./es/seconds.json";

export default { ...frame, ...item, ...job, ...login, ...queue, ...search, ...seconds };
