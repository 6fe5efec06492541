import frame from "./en/frame.json";
import login from "./en/login.json";
import queue from "./en/queue.json";

export default { ...frame, ...login, ...queue };
