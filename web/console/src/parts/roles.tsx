/* What each role allows, and roles of one's own. */
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { get, put, remove, type Schemas } from "../base/api";
import { may } from "../base/session";
import { useAsk } from "../base/use";
import { say, sayCode } from "../base/words";
import { Button, Check, Given, Loaded, Said, TextField } from "./basic";
import { FormDialog } from "./office";

type Role = Schemas["Role"];
interface Permission {
	name: string;
	reach: "office" | "content" | "people";
	says: string;
}
const REACHES = ["office", "content", "people"] as const;

function Says({ of }: { of: Permission }) {
	return <Said of="permission.says" code={of.name} theirs={of.says} />;
}

function OwnRole({ role, permissions, onClose, onDone }: { role: Role | undefined; permissions: Permission[];
		onClose: () => void; onDone: () => void }) {
	const [name, setName] = useState(role?.name ?? ""), [says, setSays] = useState(role?.says ?? "");
	const [chosen, setChosen] = useState<string[]>(role?.permissions ?? []);
	return <FormDialog wide title={say(role ? "roles.change" : "roles.new")} doWord="office.save" onClose={onClose}
		disabled={!chosen.length} onDo={async () => {
			await put("/v1/roles/{name}", { path: { name: name.trim() }, body: { says: says.trim(), permissions: chosen } });
			onDone();
		}}>
		{!role && <TextField word="roles.name" hint={say("roles.name_hint")} value={name} onValue={setName} required
			pattern="[a-z][a-z0-9\-]*" maxLength={30} spellcheck={false} dir="ltr" />}
		<TextField word="roles.says" value={says} onValue={setSays} required maxLength={300} />
		<p class="hint">{say("roles.apart")}</p>
		{REACHES.map(reach => <fieldset key={reach}><legend>{sayCode("roles.reach", reach)}</legend>
			{permissions.filter(permission => permission.reach === reach).map(permission =>
				<Check key={permission.name} checked={chosen.includes(permission.name)} onValue={on => setChosen(on
					? [...chosen, permission.name] : chosen.filter(name => name !== permission.name))}>
					<code dir="ltr">{permission.name}</code> <span class="soft"><Says of={permission} /></span>
				</Check>)}
		</fieldset>)}
	</FormDialog>;
}

function Table({ roles, permissions }: { roles: Role[]; permissions: Permission[] }) {
	return <div class="wide" tabIndex={0} role="region" aria-label={say("roles.table")}><table class="matrix">
		<caption class="hidden">{say("roles.table")}</caption>
		<thead><tr><th scope="col">{say("roles.permission")}</th>{roles.map(role =>
			<th key={role.name} scope="col"><Given>{sayCode("role", role.name)}</Given></th>)}</tr></thead>
		<tbody>{REACHES.map(reach => <Fragment key={reach}>
			<tr><th scope="rowgroup" colSpan={roles.length + 1}>{sayCode("roles.reach", reach)}</th></tr>
			{permissions.filter(permission => permission.reach === reach).map(permission => <tr key={permission.name}>
				<th scope="row"><code dir="ltr">{permission.name}</code><br />
					<span class="soft"><Says of={permission} /></span></th>
				{roles.map(role => <td key={role.name}>{role.permissions.includes(permission.name)
					? <span role="img" aria-label={say("office.yes")}>✓</span> : <span class="hidden">{say("office.no")}</span>}</td>)}
			</tr>)}
		</Fragment>)}</tbody>
	</table></div>;
}

export function Roles() {
	const asked = useAsk(async signal => {
		const [{ roles }, { permissions }] = await Promise.all([get("/v1/roles", { signal }), get("/v1/permissions", { signal })]);
		return { roles, permissions: permissions as Permission[] };
	}, []);
	const [changing, setChanging] = useState<Role | "new">(), [removing, setRemoving] = useState<Role>();
	return <Loaded of={asked}>{({ roles, permissions }) => <>
		{may("people.change") && <>
			<ul class="things">{roles.filter(role => role.own).map(role => <li key={role.name}>
				<strong><Given>{role.name}</Given></strong> <Given>{role.says}</Given>
				<span><Button quiet onClick={() => setChanging(role)}>{say("office.change")}</Button>
					<Button quiet onClick={() => setRemoving(role)}>{say("do.remove")}</Button></span></li>)}</ul>
			<div class="buttons"><Button onClick={() => setChanging("new")}>{say("roles.new")}</Button></div>
		</>}
		<Table roles={roles} permissions={permissions} />
		{changing && <OwnRole role={changing === "new" ? undefined : changing} permissions={permissions}
			onClose={() => setChanging(undefined)} onDone={asked.again} />}
		{removing && <FormDialog danger title={say("roles.remove")} doWord="do.remove" onClose={() => setRemoving(undefined)}
			onDo={async () => {
				await remove("/v1/roles/{name}", { path: { name: removing.name } });
				asked.again();
			}}><p>{say("roles.remove_says", { name: removing.name })}</p></FormDialog>}
	</>}</Loaded>;
}
