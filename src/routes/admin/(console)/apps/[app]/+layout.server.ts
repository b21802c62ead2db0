import { deliveryState } from '$lib/server/flows/apps/delivery-state';
import { operatorLoad } from '$lib/server/edge/console-door';
import type { LayoutServerLoad } from './$types';

export const load = operatorLoad(async ({ app: openApp }) => {
	const app = await openApp();
	const { name, theme } = await app.settings();
	const logo = theme.logo ? `/apps/${app.id}/images/${theme.logo}` : undefined;
	return { app: { id: app.id, name, logo, delivery: await deliveryState(app, 'email') } };
}) satisfies LayoutServerLoad;
