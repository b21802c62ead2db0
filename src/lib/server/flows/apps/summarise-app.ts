/** An app in numbers, for the console. An app that cannot be opened is still listed: its operator has to know. */
import type { AppEntry } from '../../storage/control/apps';
import type { ApplianceServices } from '../services';

export interface AppSummary {
	id: number;
	name: string;
	isPublic: boolean;
	createdAt: number;
	/** Absent where the app's database cannot be read. */
	counts?: { users: number; clients: number; roles: number };
	/** Id of the logo's image, or empty. */
	logo: string;
}

type Needs = Pick<ApplianceServices, 'app' | 'log'>;

export async function summariseApp(services: Needs, entry: AppEntry): Promise<AppSummary> {
	const { id, name, isPublic, createdAt } = entry;
	try {
		const app = await services.app(id);
		const { read } = app.store;
		const [settings, users, clients, roles] = await Promise.all([
			app.settings(),
			read.users.count(),
			read.clients.list(),
			read.roles.list(),
		]);
		return {
			id,
			name,
			isPublic,
			createdAt,
			logo: settings.theme.logo,
			counts: { users, clients: clients.length, roles: roles.length },
		};
	} catch (error) {
		services.log.error({ err: error, app: id }, 'an app cannot be read');
		return { id, name, isPublic, createdAt, logo: '' };
	}
}
