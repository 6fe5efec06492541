import frame from "./es/frame.json";
import login from "./es/login.json";
import queue from "./es/queue.json";

export default { ...frame, ...login, ...queue };
