/** Whose page it is: what every page of an app shows around its content. */
import type { Theme } from '$lib/contract/app-settings';
import { Refusal } from '$lib/contract/errors';
import { readThemeHash } from '$lib/server/flows/apps/read-look';
import { chooseSender, trialSender } from '$lib/server/flows/messages/choose-sender';
import type { AppServices } from '$lib/server/flows/services';
import { second } from '$lib/server/runtime/clock';

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

/** A page should not pay each time for looking through the plugins; a remark may be some seconds behind. */
const verdicts = new WeakMap<AppServices['store'], { until: number; onTrial: boolean }>();
const remembered = 10 * second;

async function isOnTrial(app: AppServices): Promise<boolean> {
	const known = verdicts.get(app.store);
	const now = app.clock.now();
	if (known && now < known.until) return known.onTrial;
	const sender = await chooseSender(app, 'email').catch((error: unknown) => {
		if (error instanceof Refusal) return undefined;
		throw error;
	});
	const onTrial = sender === trialSender;
	verdicts.set(app.store, { until: now + remembered, onTrial });
	return onTrial;
}

export async function brandOf(app: AppServices): Promise<Brand & { mode: Theme['mode'] }> {
	const { name, website, theme } = await app.settings();
	const base = `/apps/${app.id}`;
	return {
		id: app.id,
		name: theme.title || name,
		...(theme.logo ? { logo: `${base}/images/${theme.logo}` } : {}),
		...(theme.termsUrl ? { terms: theme.termsUrl } : {}),
		...(theme.privacyUrl ? { privacy: theme.privacyUrl } : {}),
		...(website ? { website } : {}),
		theme: `${base}/theme.css?v=${await readThemeHash(app)}`,
		trialMail: await isOnTrial(app),
		mode: theme.mode,
	};
}
