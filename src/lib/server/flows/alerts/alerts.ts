/**
 * Tells operators by mail what they would want to know before their users do. The code that notices a trouble
 * reports it here and goes on: the mail is sent in the background, or not at all, and no result comes back.
 */
import { Refusal } from '../../../contract/errors';
import { troubleOf, type Alert } from '../../domain/alerts';
import type { HealthListener } from '../../plugins/host';
import type { ApplianceServices } from '../services';
import { alertLetter } from './alert-letter';
import { createAlertPost, factsOf, type PostNeeds } from './alert-post';
import { alertAddress, alertSender } from './alert-route';

type Needs = PostNeeds & Pick<ApplianceServices, 'origin' | 'alertEmail'>;

export interface Alerts {
	/** Returns at once and never throws. */
	tell(alert: Alert): void;
	/** For the plugin host: of an app's plugins, or of the appliance's own. */
	healthListener(app?: number): HealthListener;
	/** Whether such a trouble was reported and has not ended since. */
	isTold(alert: Alert): Promise<boolean>;
	/** Resolves when every report is queued, sent or dropped. */
	idle(): Promise<void>;
}

export function createAlerts(services: Needs): Alerts {
	const { clock, log } = services;
	/** One report of each trouble waits at a time: what is noticed a thousand times at once is handled once. */
	const waiting = new Set<string>();
	/** One after the other: the end of a trouble is handled after its beginning has been reported. */
	let last = Promise.resolve();
	const post = createAlertPost(services);
	/** The troubles that could not be mailed and were logged for that reason. */
	const silent = new Set<string>();

	function logOnce(alert: Alert, why: string): void {
		const key = `${alert.kind} ${troubleOf(alert)} ${why}`;
		if (!silent.has(key)) log.error(factsOf(alert), `operators are not told: ${why}`);
		silent.add(key);
	}

	async function raise(alert: Alert): Promise<void> {
		if (!(await post.isDue(alert))) return;
		const to = await alertAddress(services);
		if (!to) return;
		const sender = await alertSender(services).catch((error: unknown) => {
			if (error instanceof Refusal) return undefined;
			throw error;
		});
		if (!sender) return logOnce(alert, 'the appliance has no sender of email');
		if (alert.app === undefined && alert.plugin === sender)
			return logOnce(alert, 'this is about the sender of alerts itself');
		silent.clear();
		const letter = alertLetter({ alert, to, origin: services.origin, isSender: isSender(services, alert) });
		await (alert.kind === 'disk-full' ? post.sendNow : post.queue)(alert, { letter, sender });
	}

	function tell(alert: Alert): void {
		const key = `${alert.kind} ${troubleOf(alert)}`;
		if (waiting.has(key)) return;
		waiting.add(key);
		last = last
			.then(() => raise(alert))
			.catch((error: unknown) => log.error({ ...factsOf(alert), err: error }, 'operators are not told'))
			.finally(() => waiting.delete(key))
			.then(() => undefined);
	}
	return {
		tell,
		healthListener: (app) => (plugin, news) => {
			if (news.state === 'works') return tell({ kind: 'plugin-recovered', app, plugin, since: clock.now() });
			const reason = news.reason === 'config' ? 'config' : 'unavailable';
			tell({ kind: 'plugin-unhealthy', app, plugin, since: news.since, reason });
		},
		isTold: (alert) => post.isTold(alert),
		async idle() {
			while (waiting.size > 0) await last;
		},
	};
}

function isSender({ plugins }: Needs, { plugin }: Alert): boolean {
	return plugins.manifests().some(({ id, kinds }) => id === plugin && kinds.includes('sender'));
}
