import { channelPurposes } from '$lib/contract/template-words';
import { operatorLoad } from '$lib/server/edge/console-door';
import type { PageServerLoad } from './$types';

export const load = operatorLoad(async ({ app }) => {
	const { templates } = await (await app()).settings();
	const listOf = (channel: 'email' | 'sms') =>
		channelPurposes[channel].map((purpose) => ({
			purpose,
			own: Object.keys(templates[channel][purpose] ?? {}),
		}));
	return { email: listOf('email'), sms: listOf('sms') };
}) satisfies PageServerLoad;
