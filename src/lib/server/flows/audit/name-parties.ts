/** Names for the ids in the log, as people know them. They are today's names, since the log keeps none. */
import type { AuditEntry } from '../../storage/shared/audit';
import type { AppServices, ApplianceServices } from '../services';

/** Name by `kind:id`. Deleted ones are left out. */
export type PartyNames = Readonly<Record<string, string>>;

type Named = Pick<AuditEntry, 'actor' | 'target'>;

const idsOf = (kind: 'user' | 'operator', events: readonly Named[]): string[] => {
	const parties = events.flatMap(({ actor, target }) => [`${actor.kind}:${actor.id}`, target]);
	const ids = parties
		.filter((party) => party.startsWith(`${kind}:`))
		.map((party) => party.slice(kind.length + 1));
	return [...new Set(ids)];
};

/** Users are of the app whose log it is; the appliance's own log knows operators only. */
export async function nameParties(
	{ control, app }: { control: ApplianceServices['control']; app?: Pick<AppServices, 'store'> | undefined },
	events: readonly Named[],
): Promise<PartyNames> {
	const operatorIds = new Set(idsOf('operator', events));
	const [users = [], operators] = await Promise.all([
		app?.store.read.users.listByIds(idsOf('user', events)),
		operatorIds.size > 0 ? control.read.operators.list() : [],
	]);
	const names = [
		...users.map((user) => [
			`user:${user.id}`,
			user.username || user.name || user.email || user.phone || `#${user.number}`,
		]),
		...operators
			.filter(({ id }) => operatorIds.has(id))
			.map(({ id, name, email }) => [`operator:${id}`, name || email]),
	];
	return Object.fromEntries(names) as PartyNames;
}
