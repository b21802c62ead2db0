/**
 * What the database remembers of alerts, so that a restart and other processes repeat none: marks with an end,
 * kept where the limiter keeps its own.
 */
import { alertLimits, isEnding, lasts, troubleOf, type Alert, type AlertMarks } from '../../domain/alerts';
import type { SharedRepositories } from '../../storage/shared/repositories';

type Marks = Pick<SharedRepositories, 'rateLimits'>;

const keysOf = (alert: Alert) => ({
	quiet: `alert-quiet:${troubleOf(alert)}`,
	told: `alert-told:${troubleOf(alert)}`,
	day: `alert-day:${alert.kind}`,
});

export async function readMarks({ rateLimits }: Marks, alert: Alert, now: number): Promise<AlertMarks> {
	const keys = keysOf(alert);
	const [quiet, told, day] = await Promise.all([
		rateLimits.find(keys.quiet, now),
		rateLimits.find(keys.told, now),
		rateLimits.find(keys.day, now),
	]);
	return {
		quiet: quiet !== undefined,
		toldAt: told && told.expiresAt - alertLimits.remember,
		today: day?.points ?? 0,
	};
}

/** In the transaction that queues the mail. @returns false where another process has just reported it */
export async function claim({ rateLimits }: Marks, alert: Alert, now: number): Promise<boolean> {
	const keys = keysOf(alert);
	if (isEnding(alert.kind)) {
		if (!(await rateLimits.delete(keys.told))) return false;
		await rateLimits.set(keys.quiet, 1, now + alertLimits.quiet);
		return true;
	}
	const { points } = await rateLimits.add(keys.quiet, 1, { now, expiresAt: now + alertLimits.quiet });
	if (points > 1) return false;
	await rateLimits.add(keys.day, 1, { now, expiresAt: now + alertLimits.dayLength });
	if (lasts(alert.kind)) await rateLimits.set(keys.told, 1, now + alertLimits.remember);
	return true;
}

/** The report was not sent after all: the next one to notice the trouble may send it. */
export async function release({ rateLimits }: Marks, alert: Alert, now: number): Promise<void> {
	const keys = keysOf(alert);
	await rateLimits.delete(keys.quiet);
	await rateLimits.delete(keys.told);
	await rateLimits.add(keys.day, -1, { now, expiresAt: now + alertLimits.dayLength });
}
