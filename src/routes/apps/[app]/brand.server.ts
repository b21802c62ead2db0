/** Whose page it is: what every page of an app shows around its content. */
import { Refusal } from '$lib/contract/errors';
import { themeHash } from '$lib/server/domain/theme';
import { chooseSender, trialSender } from '$lib/server/flows/messages/choose-sender';
import type { AppServices } from '$lib/server/flows/services';

export interface Brand {
	id: number;
	/** As people see it: the theme's title, else the app's name. */
	name: string;
	logo?: string;
	terms?: string;
	privacy?: string;
	/** Address of the theme's stylesheet. */
	theme: string;
	/** The app's own site, the last way out of a page. */
	website?: string;
	/** Mails only reach the operator's outbox. */
	trialMail: boolean;
}

async function isOnTrial(app: AppServices): Promise<boolean> {
	const sender = await chooseSender(app, 'email').catch((error: unknown) => {
		if (error instanceof Refusal) return undefined;
		throw error;
	});
	return sender === trialSender;
}

export async function brandOf(app: AppServices): Promise<Brand> {
	const { name, website, theme } = await app.settings();
	const base = `/apps/${app.id}`;
	return {
		id: app.id,
		name: theme.title || name,
		...(theme.logo ? { logo: `${base}/images/${theme.logo}` } : {}),
		...(theme.termsUrl ? { terms: theme.termsUrl } : {}),
		...(theme.privacyUrl ? { privacy: theme.privacyUrl } : {}),
		...(website ? { website } : {}),
		theme: `${base}/theme.css?v=${themeHash(theme)}`,
		trialMail: await isOnTrial(app),
	};
}
