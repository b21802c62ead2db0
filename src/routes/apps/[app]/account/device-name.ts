/** What to call a browser, from what it says of itself: enough for its owner to tell it from another one. */
import Bowser from 'bowser';

export interface Device {
	/** e.g. `Chrome`; absent where nothing is known. */
	browser?: string;
	/** e.g. `Windows`. */
	system?: string;
	kind: 'phone' | 'tablet' | 'computer';
}

/** Words a browser uses for people; several name themselves after their engine first. */
const known: readonly (readonly [RegExp, string])[] = [
	[/MicroMessenger/i, 'WeChat'],
	[/DingTalk/i, 'DingTalk'],
	[/AlipayClient/i, 'Alipay'],
];

export function deviceOf(userAgent: string): Device {
	const parsed = userAgent ? Bowser.parse(userAgent) : undefined;
	const browser = known.find(([mark]) => mark.test(userAgent))?.[1] ?? parsed?.browser.name;
	const system = parsed?.os.name;
	const type = parsed?.platform.type;
	const kind = type === 'mobile' ? 'phone' : type === 'tablet' ? 'tablet' : 'computer';
	return { ...(browser ? { browser } : {}), ...(system ? { system } : {}), kind };
}
