import { describe, expect, it } from 'vitest';
import { alertKinds, alertLimits, isEnding, lasts, mayTell, troubleOf } from './alerts';

const now = 1_800_000_000_000;
const nothing = { quiet: false, toldAt: undefined, today: 0 };

describe('a trouble', () => {
	it.each(alertKinds.filter((kind) => !isEnding(kind)))('%s is mailed once', (kind) => {
		expect(mayTell(kind, nothing, now)).toBe(true);
		expect(mayTell(kind, { ...nothing, quiet: true }, now)).toBe(false);
	});

	it('that lasts is mailed again after a day, not before', () => {
		const told = (ago: number) => ({ ...nothing, toldAt: now - ago });
		expect(mayTell('plugin-unhealthy', told(alertLimits.remind - 1), now)).toBe(false);
		expect(mayTell('plugin-unhealthy', told(alertLimits.remind), now)).toBe(true);
	});

	it('is mailed a limited number of times a day', () => {
		expect(mayTell('passkey-copied', { ...nothing, today: alertLimits.perDay - 1 }, now)).toBe(true);
		expect(mayTell('passkey-copied', { ...nothing, today: alertLimits.perDay }, now)).toBe(false);
	});
});

describe('good news', () => {
	it.each(alertKinds.filter(isEnding))('%s is mailed only where the trouble was', (kind) => {
		expect(mayTell(kind, nothing, now)).toBe(false);
		expect(mayTell(kind, { quiet: true, toldAt: now - 1, today: alertLimits.perDay }, now)).toBe(true);
	});

	it('exists for each lasting trouble', () => {
		expect(alertKinds.filter(lasts)).toEqual(['plugin-unhealthy', 'disk-full']);
	});
});

describe('the key of a trouble', () => {
	it('is the same for its beginning and its end', () => {
		const place = { app: 4, plugin: 'smtp' };
		expect(troubleOf({ kind: 'plugin-recovered', ...place })).toBe(
			troubleOf({ kind: 'plugin-unhealthy', ...place }),
		);
	});

	it('differs by kind, app, plugin and user', () => {
		const all = [
			troubleOf({ kind: 'plugin-unhealthy', app: 4, plugin: 'smtp' }),
			troubleOf({ kind: 'plugin-unhealthy', app: 5, plugin: 'smtp' }),
			troubleOf({ kind: 'plugin-unhealthy', plugin: 'smtp' }),
			troubleOf({ kind: 'plugin-unhealthy', app: 4, plugin: 'twilio' }),
			troubleOf({ kind: 'messages-undelivered', app: 4, plugin: 'smtp' }),
			troubleOf({ kind: 'passkey-copied', app: 4, user: 'smtp' }),
			troubleOf({ kind: 'disk-full' }),
		];
		expect(new Set(all).size).toBe(all.length);
	});
});
