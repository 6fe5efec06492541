/* How well two people agree who labelled the same job without knowing of each other. */
import { useState } from "preact/hooks";
import { get } from "../base/api";
import { getRules, queueTitle } from "../base/desk";
import { may } from "../base/session";
import { useAsk } from "../base/use";
import { language, number, say } from "../base/words";
import { Choice, Loaded, TextField } from "./basic";
import { Meter, whole } from "./office";

const DAYS = 90, DAYS_MAX = 3660;

export function Agreement() {
	const [queue, setQueue] = useState(""), [days, setDays] = useState(String(DAYS));
	const back = Math.min(DAYS_MAX, Math.max(1, whole(days) ?? DAYS));
	const asked = useAsk(signal => get("/v1/agreement", { query: { queue: queue || undefined, days: back }, signal }), [queue, back]);
	const queues = useAsk(() => may("queue.see") && may("policy.see") ? getRules().then(rules => rules.queues) : Promise.resolve([]), []).data ?? [];
	return <section class="narrow" aria-busy={asked.loading}>
		<p class="soft">{say("agreement.says")}</p>
		<div class="bar start">
			{queues.length > 0 && <Choice word="job.queue" value={queue} onValue={setQueue} options={[["", say("agreement.every")],
				...queues.map(queue => [queue.id, queueTitle(queue)] as [string, string])]} />}
			<TextField word="agreement.days" type="number" min={1} max={DAYS_MAX} value={days} onValue={setDays} />
		</div>
		<Loaded of={asked}>{told => told.pairs === 0 ? <p role="status">{say("agreement.none")}</p> : <div role="status">
			<Meter label={say("agreement.same")} value={told.agreed} of={told.pairs} />
			<p>{say("agreement.kappa")}: <strong>{told.kappa === null ? "–"
				: new Intl.NumberFormat(language.value, { maximumFractionDigits: 2 }).format(told.kappa)}</strong></p>
			<p class="hint">{say(told.kappa === null ? "agreement.no_kappa" : "agreement.kappa_says", { count: number(told.pairs) })}</p>
		</div>}</Loaded>
	</section>;
}
