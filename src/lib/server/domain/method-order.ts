/** Which methods a browser is offered, and in which order. */

export type Place = 'wechat' | 'dingtalk' | 'alipay' | 'mobile' | 'desktop';

/** The browser by its User-Agent: the vendor's own browser, and the kind of device. */
export interface Browser {
	inside?: 'wechat' | 'dingtalk' | 'alipay' | undefined;
	device: 'mobile' | 'desktop';
}

interface Method {
	id: string;
	fits: readonly Place[];
	/** Places where the method cannot work with its settings. */
	unfit: readonly Place[];
	/** Its place among the methods that are on. */
	position: number;
}

/** @param userAgent of the request: only the order on a page depends on it, never a decision */
export function browserOf(userAgent: string): Browser {
	const device = /Mobile|Android|iPhone|iPad|Harmony/i.test(userAgent) ? 'mobile' : 'desktop';
	if (/MicroMessenger/i.test(userAgent)) return { inside: 'wechat', device };
	if (/DingTalk/i.test(userAgent)) return { inside: 'dingtalk', device };
	if (/AlipayClient/i.test(userAgent)) return { inside: 'alipay', device };
	return { device };
}

/** Inside a vendor's own browser its methods come first; else the operator's order is used. */
const isAtHome = ({ fits }: Method, { inside }: Browser): boolean =>
	inside !== undefined && fits.includes(inside);

function fitsIn({ fits }: Method, { inside, device }: Browser): boolean {
	return fits.length === 0 || fits.includes(device) || (inside !== undefined && fits.includes(inside));
}

/** In a vendor's own browser that it fits, that place counts, not the device. */
function canWork(method: Method, browser: Browser): boolean {
	const place = browser.inside && isAtHome(method, browser) ? browser.inside : browser.device;
	return !method.unfit.includes(place);
}

/** @param first the operator's choice for each place; an empty one leaves it to the connectors */
export function orderMethods<M extends Method>(
	methods: readonly M[],
	browser: Browser,
	first: Readonly<Partial<Record<Place, string>>>,
): M[] {
	const chosen = (browser.inside && first[browser.inside]) || first[browser.device];
	return methods
		.filter((method) => canWork(method, browser) && (method.id === chosen || fitsIn(method, browser)))
		.sort(
			(a, b) =>
				Number(b.id === chosen) - Number(a.id === chosen) ||
				Number(isAtHome(b, browser)) - Number(isAtHome(a, browser)) ||
				a.position - b.position ||
				(a.id < b.id ? -1 : 1),
		);
}
