import frame from "./ar/frame.json";
import login from "./ar/login.json";
import queue from "./ar/queue.json";

export default { ...frame, ...login, ...queue };
