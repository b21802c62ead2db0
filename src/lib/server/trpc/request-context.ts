/** The context of a request that came over HTTP. Each value is looked up at its first use, once. */
import type { Config } from '../config/environment';
import { clientAddress, parseRanges } from '../edge/address';
import { appIdOf } from '../edge/app-of-path';
import { localeCookie, readKnownBrowser } from '../edge/cookies';
import type { ApplianceServices } from '../flows/services';
import { Refusal } from '../../contract/errors';
import { pickLocale } from '../../i18n/locale';
import type { FindAccessToken } from './access-tokens';
import { appAdministrator, findOperatorCaller, findUserCaller, readProof } from './callers';
import type { TrpcContext } from './context';
import type { CookieJar } from './cookie-jar';
import type { HeaderReader } from './request-source';
import { cookieCarrier, wayOf } from './session-carrier';

export interface ApiOptions {
	config: Pick<Config, 'ORIGIN' | 'TRUSTED_PROXIES'>;
	services: ApplianceServices;
	findAccessToken: FindAccessToken;
}

export interface ArrivedRequest {
	requestId: string;
	headers: HeaderReader;
	jar: CookieJar;
	/** Address of the other end of the connection. */
	peer: string;
}

const once = <T>(read: () => T): (() => T) => {
	let value: { read: T } | undefined;
	return () => (value ??= { read: read() }).read;
};

export function contextMaker({
	config,
	services,
	findAccessToken,
}: ApiOptions): (arrived: ArrivedRequest) => TrpcContext {
	const proxies = parseRanges(config.TRUSTED_PROXIES ?? []);
	const secure = config.ORIGIN.startsWith('https:');
	return ({ requestId, headers, jar, peer }) => {
		const proof = readProof(headers, config.ORIGIN);
		const appId = appIdOf({}, headers);
		const locale = once(() =>
			pickLocale({ choice: jar.get(localeCookie), acceptLanguage: headers.get('accept-language') }),
		);
		const findApp = once(async () => {
			if (appId === undefined) throw new Refusal('app/not-found');
			return services.app(appId);
		});
		const findUser = once(async () => findUserCaller(await findApp(), proof, findAccessToken));
		return {
			requestId,
			appliance: services,
			carrier: cookieCarrier(wayOf(proof.source, headers.get('menshen-session')), jar),
			namesApp: headers.get('menshen-app') !== null,
			locale,
			visitor: once(() => ({
				address: clientAddress(peer, headers, proxies),
				device: (headers.get('user-agent') ?? '').slice(0, 300),
				locale: locale(),
				requestId,
				knownBrowser: appId === undefined ? undefined : readKnownBrowser(jar, appId, secure),
			})),
			findApp,
			findUser,
			findAdministrator: once(async () => {
				if (proof.bearer === null) return findOperatorCaller(services, proof);
				return appId === undefined ? undefined : appAdministrator(await findApp(), await findUser());
			}),
		};
	};
}
