/** The app's identity: what every page of an app shows around its content. */
import { readLook, type Look } from '$lib/server/flows/apps/read-look';
import { findSender, trialSender } from '$lib/server/flows/messages/choose-sender';
import type { AppServices } from '$lib/server/flows/services';
import { second } from '$lib/server/runtime/clock';

export interface Brand extends Omit<Look, 'mode'> {
	/** Whether mails only reach the operator's outbox. */
	trialMail: boolean;
}

/** Reading all plugins for each page would be slow; this remark may be some seconds out of date. */
const verdicts = new WeakMap<AppServices['store'], { until: number; onTrial: boolean }>();
const remembered = 10 * second;

async function isOnTrial(app: AppServices): Promise<boolean> {
	const known = verdicts.get(app.store);
	const now = app.clock.now();
	if (known && now < known.until) return known.onTrial;
	const onTrial = (await findSender(app, 'email')) === trialSender;
	verdicts.set(app.store, { until: now + remembered, onTrial });
	return onTrial;
}

export async function brandOf(app: AppServices): Promise<Brand & Pick<Look, 'mode'>> {
	return { ...(await readLook(app)), trialMail: await isOnTrial(app) };
}
