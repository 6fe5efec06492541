import frame from "./fr/frame.json";
import item from "./fr/item.json";
import job from "./fr/job.json";
import login from "./fr/login.json";
import queue from "./fr/queue.json";
import search from "./fr/search.json";
import seconds from "./fr/seconds.json";

export default { ...frame, ...item, ...job, ...login, ...queue, ...search, ...seconds };
