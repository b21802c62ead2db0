/** The engines of all apps: built at first use, dropped when long unused, built again when their keys change. */
import type { Clock } from '../runtime/clock';
import type { Log } from '../runtime/log';
import { createDispatch, type Dispatch } from './dispatch';
import type { Engine, EngineOptions } from './engine';
import type { EngineApp } from './engine-app';
import type { EngineLink } from './engine-link';
import { EngineShelf } from './engine-shelf';
import { findAccessToken, type FoundToken } from './find-access-token';
import { createInteractions, type Interactions } from './interactions/interactions';
import {
	listKeys,
	rotateKeys,
	type AlsoRotated,
	type KeyView,
	type RotationOrder,
} from './keys/signing-keys';
import { createEngineLink } from './link';
import { deliverDue } from './logout/deliver';
import { createPages } from './pages/create-pages';

export interface EnginesOptions {
	/** The public URL of the appliance. */
	origin: string;
	clock: Clock;
	log: Log;
	/** SSRF-guarded: used to call the addresses that clients registered. */
	guardedFetch: typeof fetch;
	/** @throws Refusal app/not-found */
	app(id: number): Promise<EngineApp>;
	/** Client address of a request, believed proxies skipped. Default: the socket's. */
	addressOf?: EngineOptions['addressOf'];
	onLogoutQueued?: (app: number) => void;
	/** Engines kept at a time. */
	keep?: number;
}

export interface Engines {
	/** Answers what belongs to an engine. @returns false where the request is not for an engine */
	dispatch: Dispatch;
	engineFor(app: number): Promise<Engine>;
	/** The app was deleted or its settings changed: its engine is built again at its next use. */
	forget(app: number): void;
	/** For flows. The same for every app. */
	link: EngineLink;
	interactions: Interactions;
	/** Sends due logout notices. @returns how many were due */
	deliverLogouts(app: number): Promise<number>;
	/** The keys of an app, as an operator may see them. */
	keys(app: number): Promise<KeyView[]>;
	rotateKeys(app: number, order?: RotationOrder, also?: AlsoRotated): Promise<KeyView[]>;
	/** The user and client of an access token, for our own API. @returns undefined for a token that is not valid */
	findAccessToken(app: number, token: string): Promise<FoundToken | undefined>;
	/** The number of engines in memory. */
	held(): number;
	close(): void;
}

function engineOptions(options: EnginesOptions): EngineOptions {
	const origin = new URL(options.origin);
	return {
		origin,
		fetch: options.guardedFetch,
		addressOf: options.addressOf ?? ((req) => req.socket.remoteAddress ?? ''),
		pages: (app) => createPages(app),
		onLogoutQueued: options.onLogoutQueued ?? (() => undefined),
	};
}

export function createEngines(options: EnginesOptions): Engines {
	const engine = engineOptions(options);
	const shelf = new EngineShelf({
		app: options.app,
		clock: options.clock,
		engine,
		keep: options.keep ?? 100,
	});
	const link = createEngineLink(options.clock);
	const engineFor = async (app: number) => (await shelf.get(app)).engine;
	return {
		dispatch: createDispatch({ origin: engine.origin, log: options.log, get: (app) => shelf.get(app) }),
		engineFor,
		forget: (app) => shelf.forget(app),
		link,
		interactions: createInteractions({ origin: engine.origin, engineFor, link }),
		deliverLogouts: async (app) => deliverDue(await engineFor(app)),
		keys: async (app) => listKeys(await options.app(app)),
		async rotateKeys(app, order, also) {
			const keys = await rotateKeys(await options.app(app), order, also);
			shelf.forget(app);
			return keys;
		},
		findAccessToken: async (app, token) => findAccessToken(await engineFor(app), token),
		held: () => shelf.size,
		close: () => shelf.clear(),
	};
}
