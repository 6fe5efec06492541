import frame from "./fr/frame.json";
import login from "./fr/login.json";
import queue from "./fr/queue.json";

export default { ...frame, ...login, ...queue };
